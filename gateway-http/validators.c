/* Entity tags and dates; pure functions. strftime and strptime would depend on
 * the locale, so the English names stand here. */
#include "gateway-http/validators.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const DAYS[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void validator_etag(char out[VALIDATOR_ETAG_BYTES], uint64_t epoch, uint64_t version,
                    const char *view) {
    int n = snprintf(out, VALIDATOR_ETAG_BYTES, "W/\"%016" PRIx64 "-%" PRIu64 "-", epoch, version);
    size_t at = (size_t)n;
    for (const char *s = view; *s != '\0' && at + 5 < VALIDATOR_ETAG_BYTES; s++) {
        bool is_plain = *s > 0x20 && *s < 0x7f && *s != '"' && *s != '%' && *s != ',';
        at += (size_t)snprintf(out + at, VALIDATOR_ETAG_BYTES - at, is_plain ? "%c" : "%%%02X",
                               (unsigned char)*s);
    }
    snprintf(out + at, VALIDATOR_ETAG_BYTES - at, "\"");
}

/* The opaque part, with its quotes. */
static const char *strip_weak(const char *tag) {
    return strncmp(tag, "W/", 2) == 0 ? tag + 2 : tag;
}

bool validator_etag_matches(const char *if_none_match, const char *etag) {
    const char *wanted = strip_weak(etag);
    size_t wanted_len = strlen(wanted);
    const char *s = if_none_match;
    while (*s != '\0') {
        s += strspn(s, " \t,");
        if (*s == '*') {
            return true;
        }
        const char *tag = strip_weak(s);
        if (*tag != '"') {
            return false;
        }
        const char *end = strchr(tag + 1, '"');
        if (end == NULL) {
            return false;
        }
        if ((size_t)(end + 1 - tag) == wanted_len && memcmp(tag, wanted, wanted_len) == 0) {
            return true;
        }
        s = end + 1;
    }
    return false;
}

void validator_date_format(char out[VALIDATOR_DATE_BYTES], int64_t wall_s) {
    time_t when = (time_t)wall_s;
    struct tm tm;
    if (wall_s < 0 || wall_s > 253402300799 || gmtime_r(&when, &tm) == NULL) {
        when = 0;
        gmtime_r(&when, &tm);
    }
    snprintf(out, VALIDATOR_DATE_BYTES, "%s, %02u %s %04u %02u:%02u:%02u GMT", DAYS[tm.tm_wday],
             (unsigned)tm.tm_mday % 100, MONTHS[tm.tm_mon], (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

static int month_of(const char *name) {
    for (int i = 0; i < 12; i++) {
        if (strncmp(name, MONTHS[i], 3) == 0) {
            return i;
        }
    }
    return -1;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t days_of(int year, int month, int day) {
    int64_t y = month < 2 ? year - 1 : year;
    int64_t m = (month + 10) % 12; /* March = 0 */
    return 365 * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 + day - 1 - 719468;
}

bool validator_date_parse(const char *text, int64_t *wall_s) {
    char month[4] = "";
    int day, year, hour, minute, second;
    const char *comma = strchr(text, ',');
    if (comma != NULL) {
        if (sscanf(comma, ", %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year, &hour, &minute,
                   &second) != 6) {
            if (sscanf(comma, ", %2d-%3[A-Za-z]-%4d %2d:%2d:%2d GMT", &day, month, &year, &hour,
                       &minute, &second) != 6) {
                return false;
            }
            if (year >= 0 && year < 100) {
                year += year < 70 ? 2000 : 1900;
            }
        }
    } else if (sscanf(text, "%*3s %3s %2d %2d:%2d:%2d %4d", month, &day, &hour, &minute, &second,
                      &year) != 6) {
        return false;
    }
    int month_i = month_of(month);
    if (month_i < 0 || day < 1 || day > 31 || year < 1601 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 60) {
        return false;
    }
    *wall_s = ((days_of(year, month_i, day) * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

int64_t validator_last_modified_s(int64_t drawn_wall_us, bool is_settled) {
    int64_t second = drawn_wall_us / 1000000;
    return is_settled ? second + 1 : second;
}
