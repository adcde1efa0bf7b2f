/* Every bound of the system, once. Whoever reads from a peer, a file or a
 * script takes its bound from here; docs/operations.md quotes this file.
 *
 * Names: what is bounded, then the unit. Values that an operator may lower are
 * the upper end of an option's range.
 */
#ifndef LEGGIO_PROTO_LIMITS_H
#define LEGGIO_PROTO_LIMITS_H
/* One bound a line. */
/* clang-format off */

/* -- names ------------------------------------------------------------- */
#define LIMIT_SCENE_NAME_BYTES 63    /* without the NUL */
#define LIMIT_SCENES           256   /* scenes of one score */
#define LIMIT_ADDRESS_BYTES    255   /* address of an in-score server's object */
#define LIMIT_CLIENT_ID_BYTES  127   /* "http:[::1]:4242", for the log */
#define LIMIT_NOTE_BYTES       1023  /* extra text of a call */
#define LIMIT_HOST_BYTES       255   /* host names in options and headers */

/* -- pictures ---------------------------------------------------------- */
#define LIMIT_SIDE_PX       16384                                /* width or height of a frame */
#define LIMIT_STRIPS        (LIMIT_SIDE_PX / 64)                 /* strips of 64 rows in a frame */
#define LIMIT_PIXELS        (64u * 1024 * 1024)                  /* pixels of a frame */
#define LIMIT_STRIP_BYTES   (LIMIT_SIDE_PX * 64 * 4 + 64 * 1024) /* one IDAT chunk */
#define LIMIT_SCENES_PIXELS (128u * 1024 * 1024)                 /* of all scenes of a score */
#define LIMIT_VIEW_PIXELS   (16u * 1024 * 1024)                  /* of a picture at an asked width */
#define LIMIT_VIEWS         64                                   /* widths of scenes that a gateway holds */
#define LIMIT_VIEWS_WAITING 32                                   /* asked and not drawn yet; more: busy */
#define LIMIT_PNG_BYTES     (320u * 1024 * 1024)                 /* a whole PNG */
#define LIMIT_TILES         64                                   /* tiles of one version */
#define LIMIT_SCREEN_MIN_PX 16                                   /* --screen, lower end */
#define LIMIT_SCREEN_MAX_PX 8192                                 /* --screen, upper end */
#define LIMIT_DISPLAY_ITEMS 500000                               /* items of one display list */
#define LIMIT_FPS           1000                                 /* --max-fps, upper end */
#define LIMIT_SOURCE_SIDE_PX 32768 /* side of a picture that a score loads */

/* -- broker messages --------------------------------------------------- */
#define LIMIT_TOPIC_BYTES    96                                 /* "f/<scene>/<width>" */
#define LIMIT_HEADER_BYTES   (256 * 1024)                       /* msgpack part of a feed message */
#define LIMIT_PARTS          (3 + LIMIT_STRIPS + LIMIT_TILES)   /* parts of one message */
#define LIMIT_MESSAGE_BYTES  LIMIT_PNG_BYTES                    /* all parts together */
#define LIMIT_TEXT_BYTES     (17u * 1024 * 1024)                /* any text field of a call */
#define LIMIT_NESTING        16                                 /* msgpack arrays and maps */
#define LIMIT_SCORE_PORT_MIN 1024 /* ports that a script may open: from here */
#define LIMIT_SERVERS        64                                 /* in-score servers */
#define LIMIT_FEED_HWM       32                                 /* messages, both ends */
#define LIMIT_CALLS_HWM      1024                               /* messages, both ends */

/* -- calls ------------------------------------------------------------- */
#define LIMIT_SCRIPT_BYTES        (16u * 1024 * 1024) /* a posted or loaded script */
#define LIMIT_FILE_CHUNK_BYTES    (1024u * 1024)      /* content in one answer to `file` */
#define LIMIT_PATH_BYTES          4095                /* path of `file` */
#define LIMIT_CALLS_UNDER_WAY     4096                /* per gateway */
#define LIMIT_CALLS_PENDING_BYTES (64u * 1024 * 1024) /* request bytes under way, per gateway */
#define LIMIT_ROUTE_HOPS          8                   /* identities before a call: gateway and relays */
#define LIMIT_ROUTE_BYTES         256                 /* of all of them */
#define LIMIT_REQUESTS_REMEMBERED 65536               /* ids kept by the renderer to apply once */
#define LIMIT_ERROR_TEXT_BYTES    (64u * 1024)        /* error log in one answer; cut with a mark */
#define LIMIT_LOG_TEXT_BYTES      (256u * 1024)       /* answer to `log` */
#define LIMIT_DEADLINE_DEFAULT_MS 5000
#define LIMIT_DEADLINE_MAX_MS     60000
#define LIMIT_CALL_RETRY_MS       500 /* first repetition of an unanswered request */
#define LIMIT_FIRST_CONTACT_MS    5000 /* a gateway that has just begun waits for its renderer */
#define LIMIT_FIRST_PICTURE_MS    3000 /* a client waits for the first picture of a scene */
#define LIMIT_VERSIONS_AWAITED    16384 /* answers that wait for one, per gateway; more: busy */

/* -- heartbeat --------------------------------------------------------- */
#define LIMIT_HEARTBEAT_MS      1000 /* of the renderer on the feed */
#define LIMIT_HEARTBEATS_MISSED 3    /* then the renderer counts as away */

/* -- scripts and scores (renderer) ------------------------------------- */
#define LIMIT_SCRIPT_NESTING  256    /* lists in lists, loads in loads */
#define LIMIT_SCRIPT_REPORTS  1000   /* errors and warnings told per script */
#define LIMIT_SCRIPT_EXPANDED_BYTES (64u * 1024 * 1024) /* inserted by $variables, + 16 x text */
#define LIMIT_SCRIPT_VALUE_BYTES LIMIT_SCRIPT_BYTES /* a $variable or list, written out */
#define LIMIT_SCRIPT_V2_STEPS 4000000  /* trees looked at while a version 2 script is expanded */
#define LIMIT_SCRIPT_V2_DEPTH 512      /* branches and values in each other while it is expanded */
#define LIMIT_SCRIPT_V2_MESSAGES 200000 /* that one script expands to */
#define LIMIT_DELAY_MS        86400000 /* of a delayed message */
#define LIMIT_DELAYED         10000    /* messages that wait for their time */
#define LIMIT_DELAYED_BYTES   (16u * 1024 * 1024)
#define LIMIT_OSC_NESTING 16 /* bundles in bundles */
#define LIMIT_OSC_QUEUE       10000  /* messages received and not yet handled, or not yet sent */
#define LIMIT_OBJECTS         200000 /* of one score */
#define LIMIT_POINTS          100000 /* of one polygon or curve */
#define LIMIT_GRID_CELLS      100000 /* columns x rows of one grid */
#define LIMIT_TEXT_DRAWN_BYTES (64u * 1024) /* of a text object that are laid out; get gives all */
#define LIMIT_TEXT_LINES      4096   /* lines of a text object that are laid out */
#define LIMIT_HTML_DEPTH      48     /* nested elements that are laid out */
#define LIMIT_DRAWN_DEPTH     256    /* objects in objects that are drawn */
#define LIMIT_BITMAP_CACHE_BYTES (128u * 1024 * 1024) /* decoded pictures kept for reuse */
#define LIMIT_SCORE_CACHE_BYTES (128u * 1024 * 1024) /* engraved scores kept for reuse */
#define LIMIT_ASIDE_WAIT_MS   4000   /* an answer waits for work beside the score thread */
#define LIMIT_SVG_MS          3000   /* to parse or draw one svg document */
#define LIMIT_SVG_MEMORY_BYTES (768u * 1024 * 1024) /* of the process that does it */
#define LIMIT_OSC_PACKET_BYTES 65507
#define LIMIT_URL_BYTES       (32u * 1024 * 1024) /* a fetched resource */
#define LIMIT_FETCHES         64     /* URLs under way and waiting */
#define LIMIT_FETCH_MS        20000  /* for one of them, redirects and all */
#define LIMIT_FETCH_CONNECT_MS 5000  /* until there is a connection */
#define LIMIT_FETCH_REDIRECTS 5
#define LIMIT_SIGNALS         10000  /* of one signal node */
#define LIMIT_SIGNAL_SAMPLES  1000000 /* of one signal */
#define LIMIT_SIGNAL_COMPONENTS 600  /* of a parallel signal */
#define LIMIT_CONNECTIONS     10000  /* of one signal node */
#define LIMIT_JAVASCRIPT_MS   2000   /* one section or run */
#define LIMIT_JAVASCRIPT_MEMORY_BYTES (128u * 1024 * 1024) /* of the engine */
#define LIMIT_JAVASCRIPT_FRAME_BYTES (16u * 1024 * 1024) /* code, value, text of a file */
#define LIMIT_JAVASCRIPT_NESTING 8    /* sections in the text that a section made */
#define LIMIT_SYNC_RELATIONS  20000  /* synchronisations between the children of one object */
#define LIMIT_SYNC_CHAIN      32     /* slaves of slaves */
#define LIMIT_OBJECT_DEPTH    64     /* objects in objects */
#define LIMIT_MESSAGE_DEPTH   64     /* load, read and eval inside each other */
#define LIMIT_EVENTS_PER_TASK 20000  /* messages of events in one task; the rest in the next */
#define LIMIT_EVENTS_QUEUED   200000 /* messages of events that wait; more are dropped, with an error */
#define LIMIT_EVENTS_QUEUED_BYTES (64u * 1024 * 1024)
#define LIMIT_EVENT_MESSAGE_BYTES (1024u * 1024) /* one message with its variables replaced */
#define LIMIT_ERROR_LINE_BYTES 4096 /* one error; longer ones are cut with a mark */
#define LIMIT_WATCHES         4096   /* watched events of one object, lists of one event */
#define LIMIT_WATCH_STACK     1024   /* push without pop */
#define LIMIT_ALIASES         16384  /* of one score */
#define LIMIT_TRANSACTION_MS  10000  /* work of one post, packet or file; the rest is not executed */
#define LIMIT_TASK_MS         100    /* a task takes no further message after this; they wait */
#define LIMIT_TASK_MAX_MS     2000   /* work of one task: what its messages load, eval, match */
#define LIMIT_REPLIES         400000 /* to the queries of one transaction */
#define LIMIT_WORDS           1024   /* stored parameters of one setting */

/* -- notation (renderer) ----------------------------------------------- */
#define LIMIT_NOTATION_BYTES    LIMIT_SCRIPT_BYTES /* text of one piece, unpacked too */
#define LIMIT_NOTATION_VOICES   1024
#define LIMIT_NOTATION_NESTING  256    /* tags in tags, $variables in $variables */
#define LIMIT_NOTATION_NOTES    250000 /* notes and rests */
#define LIMIT_NOTATION_TAGS     500000
#define LIMIT_NOTATION_WHOLE_NOTES 100000 /* length of one voice */
#define LIMIT_TIME_MAP_ENTRIES  500000 /* repeats and jumps unrolled; a longer performance is cut */
#define LIMIT_NOTATION_EXPANDED_BYTES (16u * 1024 * 1024) /* inserted by $variables */
#define LIMIT_MXL_ENTRIES       1000   /* files in a compressed score */
#define LIMIT_MXL_RATIO         200    /* unpacked to packed size */
#define LIMIT_NOTATION_MEMORY_BYTES (512u * 1024 * 1024) /* of one engraving, all stages */

/* -- HTTP gateway ------------------------------------------------------ */
#define LIMIT_HTTP_CONNECTIONS        100000 /* --max-connections, upper end */
#define LIMIT_HTTP_CONNECTIONS_DEFAULT 8192
#define LIMIT_HTTP_HEADER_BYTES       16384
#define LIMIT_HTTP_BODY_BYTES         (LIMIT_SCRIPT_BYTES + 64 * 1024) /* decoded form and all */
#define LIMIT_HTTP_IDLE_S             30
#define LIMIT_HTTP_VERSION_WAIT_MS    25000 /* GET ?version= */

/* -- WebSocket gateway ------------------------------------------------- */
#define LIMIT_WS_CONNECTIONS         100000
#define LIMIT_WS_CONNECTIONS_DEFAULT 8192
#define LIMIT_WS_MESSAGE_BYTES       (2 * LIMIT_SCRIPT_BYTES) /* a post with every char escaped once */
#define LIMIT_WS_REQUESTS_PER_S      1000
#define LIMIT_WS_REPLIES_QUEUED      64
#define LIMIT_WS_VIEWS               LIMIT_SCENES /* scenes that clients look at */
#define LIMIT_WS_FILE_BYTES          (16u * 1024 * 1024) /* answer to `file`, before base64 */
#define LIMIT_WS_STALL_S             30 /* a client that reads nothing is closed */
#define LIMIT_NOTIFY_PERIOD_MAX_MS   60000
#define LIMIT_JSON_DEPTH             64
#define LIMIT_JSON_VALUES            100000 /* in one JSON-RPC message or batch */

/* -- JSON-RPC ---------------------------------------------------------- */
#define LIMIT_RPC_BATCH_CALLS     1000
#define LIMIT_RPC_BATCH_BYTES     (32u * 1024 * 1024) /* of its answers; more become errors */
#define LIMIT_RPC_IN_FLIGHT       256   /* requests under way on one connection */
#define LIMIT_RPC_SESSIONS        20000 /* of one process */
#define LIMIT_RPC_REGISTER_BYTES  4096  /* registerInfo as JSON */
#define LIMIT_RPC_KEPT_TEXTS      64    /* answers for a session that is away */
#define LIMIT_RPC_KEPT_BYTES      (256 * 1024)
#define LIMIT_RPC_HELD_TEXTS      64    /* messages while a session is looked for */
#define LIMIT_RPC_HELD_BYTES      (64 * 1024)
#define LIMIT_RPC_REPEATS         16    /* answers kept for requests that are sent again */
#define LIMIT_RPC_REPEAT_BYTES    4096  /* of one such answer; a longer one is not kept */
#define LIMIT_RPC_ASKED           64    /* requests of the server that a client has not answered */
#define LIMIT_RPC_SUBSCRIPTIONS   16    /* of one session */
#define LIMIT_TILE_VERSIONS       64    /* versions whose tiles a gateway keeps, per scene */
#define LIMIT_TILE_BYTES          (4u * 1024 * 1024) /* of them together, per scene */
/* clang-format on */

#endif
