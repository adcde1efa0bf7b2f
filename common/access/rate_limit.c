/* Sets of eight buckets; a key belongs to one set. */
#include "common/access/rate_limit.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define N_SETS      1024
#define SET_SIZE    8
#define DEBT_BURSTS 10
#define ONE         1000000 /* what doing it once takes from a bucket: a microsecond's share is per_s */

struct bucket {
    uint64_t key; /* 0 = unused */
    int64_t level, at_us;
};

struct rate_limit {
    uint32_t per_s;
    int64_t full;
    unsigned char secret[crypto_shorthash_KEYBYTES];
    pthread_mutex_t lock; /* buckets */
    struct bucket buckets[N_SETS][SET_SIZE];
};

struct rate_limit *rate_limit_create(uint32_t per_s, uint32_t burst) {
    struct rate_limit *limit = sodium_init() < 0 ? NULL : calloc(1, sizeof *limit);
    if (limit == NULL) {
        return NULL;
    }
    limit->per_s = per_s;
    limit->full = (int64_t)(burst > 0 ? burst : 1) * ONE;
    randombytes_buf(limit->secret, sizeof limit->secret);
    pthread_mutex_init(&limit->lock, NULL);
    return limit;
}

void rate_limit_destroy(struct rate_limit *limit) {
    if (limit != NULL) {
        pthread_mutex_destroy(&limit->lock);
        free(limit);
    }
}

static struct bucket *set_of(struct rate_limit *limit, uint64_t key) {
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)&key, sizeof key,
                     limit->secret);
    return limit->buckets[hash % N_SETS];
}

static void fill(const struct rate_limit *limit, struct bucket *bucket, int64_t now_us) {
    int64_t passed_us = now_us - bucket->at_us;
    bucket->at_us = now_us;
    if (passed_us < 0) {
        return;
    }
    int64_t room = limit->full - bucket->level;
    bool is_full = passed_us >= room / limit->per_s + 1; /* so that nothing overflows */
    bucket->level = is_full ? limit->full : bucket->level + passed_us * limit->per_s;
    bucket->level = bucket->level < limit->full ? bucket->level : limit->full;
}

/* The key's bucket, filled up to now; a new one in the place of the fullest. */
static struct bucket *find_locked(struct rate_limit *limit, uint64_t key, int64_t now_us) {
    struct bucket *set = set_of(limit, key), *fullest = set;
    for (size_t i = 0; i < SET_SIZE; i++) {
        if (set[i].key == 0) {
            set[i] = (struct bucket){key, limit->full, now_us};
        }
        fill(limit, &set[i], now_us);
        if (set[i].key == key) {
            return &set[i];
        }
        fullest = set[i].level > fullest->level ? &set[i] : fullest;
    }
    *fullest = (struct bucket){key, limit->full, now_us};
    return fullest;
}

bool rate_limit_take(struct rate_limit *limit, uint64_t key, int64_t now_us, int64_t *wait_us) {
    if (limit == NULL || limit->per_s == 0 || key == 0) {
        return true;
    }
    pthread_mutex_lock(&limit->lock);
    struct bucket *bucket = find_locked(limit, key, now_us);
    bool may = bucket->level >= ONE;
    if (may) {
        bucket->level -= ONE;
    } else if (wait_us != NULL) {
        *wait_us = (ONE - bucket->level + limit->per_s - 1) / limit->per_s;
    }
    pthread_mutex_unlock(&limit->lock);
    return may;
}

int64_t rate_limit_charge(struct rate_limit *limit, uint64_t key, int64_t now_us) {
    int64_t wait_us = 0;
    if (limit == NULL || limit->per_s == 0 || key == 0) {
        return 0;
    }
    pthread_mutex_lock(&limit->lock);
    struct bucket *bucket = find_locked(limit, key, now_us);
    bucket->level -= bucket->level > -DEBT_BURSTS * limit->full ? ONE : 0;
    if (bucket->level < 0) {
        wait_us = (-bucket->level + limit->per_s - 1) / limit->per_s;
    }
    pthread_mutex_unlock(&limit->lock);
    return wait_us;
}
