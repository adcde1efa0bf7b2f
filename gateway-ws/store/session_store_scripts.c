/* What must happen at once in Redis (Lua). A reply is small or a session. */
#include "gateway-ws/store/store_private.h"

/* KEYS 1 session; ARGV 1 this gateway, 2 milliseconds to live, 3 id.
 * nil, or {fence, listeners told, data}. */
static const char CLAIM[] =
    "local owner = redis.call('HGET', KEYS[1], 'owner')\n"
    "if not owner then return false end\n"
    "local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)\n"
    "redis.call('HSET', KEYS[1], 'owner', ARGV[1])\n"
    "redis.call('PEXPIRE', KEYS[1], ARGV[2])\n"
    "local told = 0\n"
    "if owner ~= ARGV[1] then\n"
    "  told = redis.call('PUBLISH', 'leggio:to:' .. owner,\n"
    "    cjson.encode({kind = 'release', id = ARGV[3], fence = fence, to = ARGV[1]}))\n"
    "end\n"
    "return {fence, told, redis.call('HGET', KEYS[1], 'data') or ''}\n";

/* KEYS 1 session; ARGV 1 this gateway, 2 fence, 3 milliseconds to live, 4 data.
 * 1, or 0: it is not ours (any more). */
static const char SAVE[] =
    "local had = redis.call('HMGET', KEYS[1], 'owner', 'fence')\n"
    "if had[1] and (had[1] ~= ARGV[1] or had[2] ~= ARGV[2]) then return 0 end\n"
    "redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', ARGV[2], 'data', ARGV[4])\n"
    "redis.call('PEXPIRE', KEYS[1], ARGV[3])\n"
    "return 1\n";

/* KEYS 1 session; ARGV 1 this gateway, 2 fence. */
static const char REMOVE[] =
    "local had = redis.call('HMGET', KEYS[1], 'owner', 'fence')\n"
    "if had[1] == ARGV[1] and had[2] == ARGV[2] then return redis.call('DEL', KEYS[1]) end\n"
    "return 0\n";

/* KEYS sessions; ARGV 1 this gateway, 2… milliseconds to live of each. How many
 * were there: all, or each must be saved again. */
static const char RENEW[] = "local n = 0\n"
                            "for i, key in ipairs(KEYS) do\n"
                            "  if redis.call('HGET', key, 'owner') == ARGV[1] then\n"
                            "    n = n + redis.call('PEXPIRE', key, ARGV[i + 1])\n"
                            "  end\n"
                            "end\n"
                            "return n\n";

/* KEYS 1 session; ARGV 1 id, 2 text: to its owner. */
static const char DELIVER[] = "local owner = redis.call('HGET', KEYS[1], 'owner')\n"
                              "if not owner then return 0 end\n"
                              "return redis.call('PUBLISH', 'leggio:to:' .. owner,\n"
                              "  cjson.encode({kind = 'deliver', id = ARGV[1], text = ARGV[2]}))\n";

const char *const STORE_SCRIPTS[N_SCRIPTS] = {
    [SCRIPT_CLAIM] = CLAIM, [SCRIPT_SAVE] = SAVE,       [SCRIPT_REMOVE] = REMOVE,
    [SCRIPT_RENEW] = RENEW, [SCRIPT_DELIVER] = DELIVER,
};
