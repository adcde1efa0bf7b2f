/* Dates and durations as attributes (10.1). The clock behind tempo is another file's. */
#include "renderer/score/attributes/attributes_rows.h"

#include <stddef.h>

#include "common/err.h"
#include "renderer/score/time/clocks.h"
#include "renderer/score/events/watch.h"

static struct rational *time_at(struct object *object, const struct attribute_row *row) {
    return (struct rational *)(void *)((char *)&object->attr + row->offset);
}

static bool is_date(const struct attribute_row *row) {
    return row->offset == offsetof(struct attributes, date);
}

/* Values that `get` can tell: both parts within 32 bits. */
static bool fits(struct rational value) {
    return value.num <= INT32_MAX && value.num >= -INT32_MAX && value.den <= INT32_MAX;
}

static int assign(struct object *object, const struct attribute_row *row, struct rational value,
                  bool has_event) {
    struct rational *field = time_at(object, row), before = *field;
    if (!fits(value)) {
        return LG_EBADREQUEST;
    }
    *field = value;
    bool is_other = before.num != value.num || before.den != value.den;
    if (is_other && (!is_date(row) || clocks_is_date_seen(object))) {
        object_touch(object);
    }
    if (is_date(row) && object->is_running) {
        clocks_restart(object);
    }
    if (has_event) {
        watch_fire_time(object, !is_date(row), before, value);
    }
    return 0;
}

ATTRIBUTE_SETTER(attribute_set_time) {
    struct rational value;
    int err = params_rational(params, n_params, &value);
    return err != 0 ? err : assign(object, row, value, true);
}

/* Quirk: the Δ forms of the duration fire no duration events. */
static int add(struct object *object, const struct attribute_row *row, struct rational delta) {
    struct rational sum;
    if (!rational_add(*time_at(object, row), delta, &sum)) {
        return LG_EBADREQUEST;
    }
    return assign(object, row, sum, is_date(row));
}

ATTRIBUTE_SETTER(attribute_add_time) {
    struct rational delta;
    int err = params_rational(params, n_params, &delta);
    return err != 0 ? err : add(object, row, delta);
}

ATTRIBUTE_SETTER(attribute_tick) {
    (void)params;
    const struct rational midi_clock = {1, 96}; /* 24 for a quarter */
    return n_params != 0 ? LG_EBADREQUEST : add(object, row, midi_clock);
}

ATTRIBUTE_GETTER(attribute_get_time) {
    struct rational value = is_date(row) ? object->attr.date : object->attr.duration;
    switch ((enum time_form)row->part) {
    case TIME_INTS:
        message_give_param(out, param_int((int32_t)value.num));
        message_give_param(out, param_int((int32_t)value.den));
        break;
    case TIME_FLOAT:
        message_give_param(out, param_float((float)rational_to_double(value)));
        break;
    case TIME_SECONDS:
        message_give_param(out, param_float((float)(rational_to_double(value) * 4)));
        break;
    }
    return true;
}
