/* Huffman codes for one block, and its bits. The code lengths are found by the
 * in-place method of Moffat and Katajainen, then made to fit 15 bits. */
#include "renderer/draw/png/deflate_block.h"

#include <string.h>

#define CODE_BITS_MAX   15
#define LENGTH_CODES    19
#define LENGTH_BITS_MAX 7
#define END_OF_BLOCK    256
#define STORED_MAX      65535

const uint8_t deflate_length_symbols[256] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  8,  9,  9,  10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13,
    14, 14, 14, 14, 15, 15, 15, 15, 16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 17, 17, 17,
    18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19, 19, 20, 20, 20, 20, 20, 20, 20, 20,
    20, 20, 20, 20, 20, 20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21,
    22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 23, 23, 23, 23, 23, 23, 23, 23,
    23, 23, 23, 23, 23, 23, 23, 23, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24,
    24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 24, 25, 25, 25, 25, 25, 25, 25, 25,
    25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25,
    26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26,
    26, 26, 26, 26, 26, 26, 26, 26, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27,
    27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 27, 28,
};

/* source: RFC 1951, 3.2.5 and 3.2.7 */
static const uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                         2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t length_base[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_code_order[LENGTH_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                        11, 4,  12, 3, 13, 2, 14, 1, 15};

struct code_table {
    uint16_t code[DEFLATE_LITERALS + 2]; /* lowest bit first */
    uint8_t bits[DEFLATE_LITERALS + 2];
};

/* -- bits ----------------------------------------------------------------- */

/* At most 7 bits stay, so up to 57 more may be put before the next call. */
static inline void write_out(struct bit_writer *to) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to->at, &to->bits, 8);
#else
    for (int i = 0; i < 8; i++) {
        to->at[i] = (uint8_t)(to->bits >> (8 * i));
    }
#endif
    to->at += to->n_bits >> 3;
    to->bits >>= to->n_bits & ~7u;
    to->n_bits &= 7;
}

static inline void put(struct bit_writer *to, uint64_t bits, unsigned n) {
    to->bits |= bits << to->n_bits;
    to->n_bits += n;
}

/* -- code lengths --------------------------------------------------------- */

struct counted {
    uint32_t count;
    uint32_t symbol;
};

/* By count, rising; 8 bits a pass, the upper ones only if some count has them. Counts stay under
 * 65536. */
static void sort_counted(struct counted *of, struct counted *scratch, size_t n) {
    uint32_t seen = 0;
    for (size_t i = 0; i < n; i++) {
        seen |= of[i].count;
    }
    for (unsigned shift = 0; shift < 16 && seen >> shift != 0; shift += 8) {
        uint32_t starts[257] = {0};
        for (size_t i = 0; i < n; i++) {
            starts[((of[i].count >> shift) & 255) + 1]++;
        }
        for (size_t i = 1; i < 257; i++) {
            starts[i] += starts[i - 1];
        }
        for (size_t i = 0; i < n; i++) {
            scratch[starts[(of[i].count >> shift) & 255]++] = of[i];
        }
        memcpy(of, scratch, n * sizeof(*of));
    }
}

/* Counts in rising order become code lengths, in place. n >= 2 */
static void minimum_redundancy(struct counted *of, size_t n) {
    size_t leaf = 0, root = 0;
    for (size_t next = 0; next + 1 < n; next++) { /* join the two lightest, n - 1 times */
        uint32_t sum = 0;
        for (int side = 0; side < 2; side++) {
            if (leaf >= n || (root < next && of[root].count < of[leaf].count)) {
                sum += of[root].count;
                of[root++].count = (uint32_t)next; /* now its parent */
            } else {
                sum += of[leaf++].count;
            }
        }
        of[next].count = sum;
    }
    of[n - 2].count = 0; /* parents become depths */
    for (size_t i = n - 2; i-- > 0;) {
        of[i].count = of[of[i].count].count + 1;
    }
    size_t inner = n - 1, place = n; /* depths of inner nodes become depths of leaves */
    uint32_t depth = 0, available = 1;
    while (available > 0) {
        uint32_t used = 0;
        while (inner > 0 && of[inner - 1].count == depth) {
            used++;
            inner--;
        }
        for (uint32_t i = used; i < available; i++) {
            of[--place].count = depth;
        }
        available = 2 * used;
        depth++;
    }
}

/* Lengths of at most max_bits for n symbols (two of them used at least). */
static void code_lengths(const uint32_t *counts, size_t n, unsigned max_bits, uint8_t *bits) {
    struct counted of[DEFLATE_LITERALS + 2], scratch[DEFLATE_LITERALS + 2];
    uint32_t n_of_length[32] = {0};
    size_t n_used = 0;
    memset(bits, 0, n);
    for (size_t i = 0; i < n; i++) {
        if (counts[i] > 0) {
            of[n_used++] = (struct counted){counts[i], (uint32_t)i};
        }
    }
    sort_counted(of, scratch, n_used);
    minimum_redundancy(of, n_used);
    uint32_t space = 0, whole = 1u << max_bits;
    for (size_t i = 0; i < n_used; i++) {
        unsigned length = of[i].count < max_bits ? of[i].count : max_bits;
        n_of_length[length]++;
        space += whole >> length;
    }
    while (space > whole) { /* lengthen a shorter code to make room for one at the end */
        unsigned length = max_bits - 1;
        while (n_of_length[length] == 0) {
            length--;
        }
        n_of_length[length]--;
        n_of_length[length + 1] += 2;
        n_of_length[max_bits]--;
        space--;
    }
    size_t at = 0;
    for (unsigned length = max_bits; length > 0; length--) {
        for (uint32_t i = 0; i < n_of_length[length]; i++) {
            bits[of[at++].symbol] = (uint8_t)length;
        }
    }
}

static uint16_t reversed(uint32_t code, unsigned n_bits) {
    uint32_t out = 0;
    for (unsigned i = 0; i < n_bits; i++) {
        out = (out << 1) | ((code >> i) & 1);
    }
    return (uint16_t)out;
}

static void assign_codes(struct code_table *table, size_t n) {
    uint32_t next[CODE_BITS_MAX + 2] = {0}, code = 0, n_of_length[CODE_BITS_MAX + 1] = {0};
    for (size_t i = 0; i < n; i++) {
        n_of_length[table->bits[i]]++;
    }
    n_of_length[0] = 0;
    for (unsigned length = 1; length <= CODE_BITS_MAX; length++) {
        code = (code + n_of_length[length - 1]) << 1;
        next[length] = code;
    }
    for (size_t i = 0; i < n; i++) {
        if (table->bits[i] > 0) {
            table->code[i] = reversed(next[table->bits[i]]++, table->bits[i]);
        }
    }
}

/* -- the block's head --------------------------------------------------- */

struct head {
    uint8_t symbols[DEFLATE_LITERALS + DEFLATE_DISTANCES]; /* of code lengths, 16..18 = repeats */
    uint8_t extra[DEFLATE_LITERALS + DEFLATE_DISTANCES];
    size_t n;
    size_t n_literals, n_distances, n_lengths;
    struct code_table code;
    size_t n_bits;
};

static size_t used_length(const uint8_t *bits, size_t n, size_t least) {
    while (n > least && bits[n - 1] == 0) {
        n--;
    }
    return n;
}

static void head_add(struct head *head, uint8_t symbol, size_t extra, uint32_t *counts) {
    head->symbols[head->n] = symbol;
    head->extra[head->n++] = (uint8_t)extra;
    counts[symbol]++;
}

/* Repeats: 17 = 3..10 zeros, 18 = 11..138 zeros, 16 = 3..6 times the one before. */
static void add_lengths(struct head *head, const uint8_t *bits, size_t n, uint32_t *counts) {
    for (size_t i = 0; i < n;) {
        size_t run = 1;
        while (i + run < n && bits[i + run] == bits[i]) {
            run++;
        }
        i += run;
        uint8_t value = bits[i - 1];
        if (value != 0) {
            head_add(head, value, 0, counts);
            run--;
        }
        while (run >= 3) {
            size_t most = value != 0 ? 6 : 138, take = run < most ? run : most;
            if (value != 0) {
                head_add(head, 16, take - 3, counts);
            } else if (take < 11) {
                head_add(head, 17, take - 3, counts);
            } else {
                head_add(head, 18, take - 11, counts);
            }
            run -= take;
        }
        for (; run > 0; run--) {
            head_add(head, value, 0, counts);
        }
    }
}

static unsigned head_extra_bits(uint8_t symbol) {
    return symbol == 16 ? 2 : symbol == 17 ? 3 : symbol == 18 ? 7 : 0;
}

static void make_head(struct head *head, const struct code_table *literals,
                      const struct code_table *distances) {
    uint32_t counts[LENGTH_CODES] = {0};
    head->n = 0;
    head->n_literals = used_length(literals->bits, DEFLATE_LITERALS, 257);
    head->n_distances = used_length(distances->bits, DEFLATE_DISTANCES, 1);
    add_lengths(head, literals->bits, head->n_literals, counts);
    add_lengths(head, distances->bits, head->n_distances, counts);
    for (size_t i = 0, n_used = 0; i < LENGTH_CODES; i++) { /* one alone would have no code */
        n_used += counts[i] > 0;
        if (i == LENGTH_CODES - 1 && n_used < 2) {
            counts[counts[0] > 0 ? 1 : 0]++;
        }
    }
    code_lengths(counts, LENGTH_CODES, LENGTH_BITS_MAX, head->code.bits);
    assign_codes(&head->code, LENGTH_CODES);
    head->n_lengths = LENGTH_CODES;
    while (head->n_lengths > 4 && head->code.bits[length_code_order[head->n_lengths - 1]] == 0) {
        head->n_lengths--;
    }
    head->n_bits = 3 + 14 + 3 * head->n_lengths;
    for (size_t i = 0; i < head->n; i++) {
        head->n_bits += head->code.bits[head->symbols[i]] + head_extra_bits(head->symbols[i]);
    }
}

static void write_head(struct bit_writer *to, const struct head *head) {
    put(to, 2u << 1, 3); /* not the last block, dynamic codes */
    put(to, head->n_literals - 257, 5);
    put(to, head->n_distances - 1, 5);
    put(to, head->n_lengths - 4, 4);
    for (size_t i = 0; i < head->n_lengths; i++) {
        put(to, head->code.bits[length_code_order[i]], 3);
        write_out(to);
    }
    for (size_t i = 0; i < head->n; i++) {
        uint8_t symbol = head->symbols[i];
        put(to, head->code.code[symbol], head->code.bits[symbol]);
        put(to, head->extra[i], head_extra_bits(symbol));
        write_out(to);
    }
}

/* -- the block ------------------------------------------------------------ */

void deflate_block_start(struct deflate_block *block) {
    block->n_tokens = 0;
    memset(block->n_literals, 0, sizeof(block->n_literals));
    memset(block->n_distances, 0, sizeof(block->n_distances));
}

static size_t body_bits(const struct deflate_block *block, const struct code_table *literals,
                        const struct code_table *distances) {
    size_t n = 0;
    for (size_t i = 0; i < DEFLATE_LITERALS; i++) {
        size_t extra = i > END_OF_BLOCK ? length_extra[i - 257] : 0;
        n += block->n_literals[i] * (literals->bits[i] + extra);
    }
    for (size_t i = 0; i < DEFLATE_DISTANCES; i++) {
        n += block->n_distances[i] * (distances->bits[i] + (i < 4 ? 0 : i / 2 - 1));
    }
    return n;
}

static void write_stored(struct bit_writer *to, const uint8_t *raw, size_t raw_bytes) {
    do {
        size_t part = raw_bytes < STORED_MAX ? raw_bytes : STORED_MAX;
        put(to, 0, 3);
        to->n_bits = (to->n_bits + 7) & ~7u;
        put(to, part | ((uint64_t)(~part & 0xffff) << 16), 32);
        write_out(to);
        memcpy(to->at, raw, part);
        to->at += part;
        raw += part;
        raw_bytes -= part;
    } while (raw_bytes > 0);
}

/* Several codes, or a code and its extra bits, as one. */
struct joined_code {
    uint64_t bits;
    uint32_t n_bits;
};

static void write_body(const struct deflate_block *block, struct bit_writer *writer,
                       const struct code_table *literals, const struct code_table *distances) {
    struct joined_code lengths[256], thrice[256];
    struct bit_writer to = *writer;
    for (unsigned i = 0; i < 256; i++) {
        uint64_t code = literals->code[i];
        unsigned n_bits = literals->bits[i];
        thrice[i] = (struct joined_code){code | code << n_bits | code << 2 * n_bits, 3 * n_bits};
        unsigned symbol = deflate_length_symbols[i];
        uint32_t extra = i + 3 - length_base[symbol];
        lengths[i].bits = literals->code[257 + symbol] | extra << literals->bits[257 + symbol];
        lengths[i].n_bits = literals->bits[257 + symbol] + (uint32_t)length_extra[symbol];
    }
    for (size_t i = 0; i < block->n_tokens; i++) {
        uint32_t token = block->tokens[i];
        if ((token & DEFLATE_LITERAL) != 0) {
            unsigned first = token & 255, n = token >> 24 & 3;
            if (n == DEFLATE_GREY) {
                put(&to, thrice[first].bits, thrice[first].n_bits);
            } else {
                put(&to, literals->code[first], literals->bits[first]);
            }
            if (n == 3) {
                unsigned second = token >> 8 & 255, third = token >> 16 & 255;
                put(&to, literals->code[second], literals->bits[second]);
                put(&to, literals->code[third], literals->bits[third]);
            }
        } else {
            const struct joined_code *length = &lengths[token >> 16];
            uint32_t distance = token & 0xffff;
            unsigned symbol = deflate_distance_symbol(distance);
            unsigned n_extra = symbol < 4 ? 0 : symbol / 2 - 1;
            put(&to, length->bits, length->n_bits);
            put(&to, distances->code[symbol], distances->bits[symbol]);
            put(&to, distance & ((1u << n_extra) - 1), n_extra);
        }
        write_out(&to);
    }
    put(&to, literals->code[END_OF_BLOCK], literals->bits[END_OF_BLOCK]);
    write_out(&to);
    *writer = to;
}

bool deflate_block_is_dense(const struct deflate_block *block, size_t raw_bytes) {
    /* A token takes 48 bits at most. */
    return block->n_tokens * 6 + 1024 >= raw_bytes;
}

void deflate_block_write(struct deflate_block *block, struct bit_writer *to, const uint8_t *raw,
                         size_t raw_bytes) {
    struct code_table literals, distances;
    struct head head;
    block->n_literals[END_OF_BLOCK] = 1;
    /* A code needs two symbols; these cost nothing but a bit or two in the head. */
    block->n_literals[0] += block->n_literals[0] == 0;
    for (size_t i = 0; i < 2; i++) {
        block->n_distances[i] += block->n_distances[i] == 0;
    }
    code_lengths(block->n_literals, DEFLATE_LITERALS, CODE_BITS_MAX, literals.bits);
    code_lengths(block->n_distances, DEFLATE_DISTANCES, CODE_BITS_MAX, distances.bits);
    make_head(&head, &literals, &distances);
    size_t n_bits = head.n_bits + body_bits(block, &literals, &distances);
    if (deflate_block_is_dense(block, raw_bytes) &&
        n_bits / 8 >= raw_bytes + 5 * (raw_bytes / STORED_MAX + 1)) {
        write_stored(to, raw, raw_bytes);
        return;
    }
    assign_codes(&literals, DEFLATE_LITERALS);
    assign_codes(&distances, DEFLATE_DISTANCES);
    write_head(to, &head);
    write_body(block, to, &literals, &distances);
}

void deflate_flush(struct bit_writer *to) {
    put(to, 0, 3);
    to->n_bits = (to->n_bits + 7) & ~7u;
    put(to, 0xffff0000u, 32);
    write_out(to);
}
