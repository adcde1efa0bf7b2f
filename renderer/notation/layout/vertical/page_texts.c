/* Title, composer and footer at the places of a page that pageformat names (gmn.md 9). */
#include "renderer/notation/layout/signs/rich_text.h"

#include <math.h>
#include <string.h>

#define LINES_MAX 16
#define LINE_STEP 1.2

static double column_x(const struct page_frame *frame, char column) {
    switch (column) {
    case '1':
    case 'l':
        return 0;
    case '2':
        return frame->left / 2;
    case '3':
        return frame->left;
    case '5':
        return frame->width - frame->right;
    case '6':
        return frame->width - frame->right / 2;
    case '7':
    case 'r':
        return frame->width;
    default:
        return frame->width / 2;
    }
}

static double row_y(const struct page_frame *frame, char row) {
    switch (row) {
    case '1':
    case 't':
        return 0;
    case '2':
        return frame->top / 2;
    case '3':
        return frame->top;
    case '5':
        return frame->height - frame->bottom;
    case '6':
        return frame->height - frame->bottom / 2;
    case '7':
    case 'b':
        return frame->height;
    default:
        return frame->height / 2;
    }
}

static bool is_upper(const struct music_page_text *text) {
    char row =
        text->page_format != NULL && text->page_format[0] != '\0' ? text->page_format[1] : '2';
    return row == '1' || row == 't' || row == '2' || row == '3';
}

static struct ink_font font_of(const struct music_page_text *text) {
    const char *attributes = text->attributes != NULL ? text->attributes : "";
    return (struct ink_font){.family = text->font,
                             .size = fmin(fmax(text->size_sp, 0.2), 100),
                             .is_bold = strchr(attributes, 'b') != NULL,
                             .is_italic = strchr(attributes, 'i') != NULL,
                             .is_underlined = strchr(attributes, 'u') != NULL};
}

/* Lines of the text around 0, 0 with its anchor point there. */
static void make_lines(struct arena *arena, const struct music_page_text *text,
                       struct ink_list *list) {
    struct ink_font font = font_of(text);
    char horizontal =
        text->text_format != NULL && text->text_format[0] != '\0' ? text->text_format[0] : 'c';
    char vertical =
        text->text_format != NULL && strlen(text->text_format) > 1 ? text->text_format[1] : 'c';
    const char *from = text->text != NULL ? text->text : "";
    for (int i = 0; i < LINES_MAX; i++) {
        size_t len = strcspn(from, "\n");
        const char *line = arena_text(arena, from, len);
        if (line == NULL) {
            return;
        }
        struct text_extents extents;
        text_measure(&font, line, &extents);
        double spare = horizontal == 'l'   ? 0
                       : horizontal == 'r' ? extents.advance
                                           : extents.advance / 2;
        struct ink ink =
            vertical_text(ROLE_PAGE_TEXT, &font, line, -spare, i * LINE_STEP * font.size);
        if (extents.advance > 0) {
            vertical_tint(&ink, &text->look);
            (void)ink_list_add(arena, list, &ink);
        }
        if (from[len] == '\0') {
            break;
        }
        from += len + 1;
    }
    struct ink_box box = ink_box_empty();
    for (size_t i = 0; i < list->n_items; i++) {
        box = ink_box_join(box, list->items[i].box);
    }
    double y = vertical == 't'   ? box.top
               : vertical == 'b' ? box.bottom
                                 : (box.top + box.bottom) / 2;
    for (size_t i = 0; i < list->n_items; i++) {
        ink_move(&list->items[i], 0, -y);
    }
}

static struct ink_box box_of(const struct ink_list *list, size_t from) {
    struct ink_box box = ink_box_empty();
    for (size_t i = from; i < list->n_items; i++) {
        box = ink_box_join(box, list->items[i].box);
    }
    return box;
}

static void move_from(struct ink_list *list, size_t from, double dx, double dy) {
    for (size_t i = from; i < list->n_items; i++) {
        ink_move(&list->items[i], dx, dy);
    }
}

/* Down until it touches no text that is there already. */
static void keep_off(struct ink_list *list, size_t from) {
    for (int round = 0; round < 8; round++) {
        struct ink_box box = box_of(list, from);
        double down = 0;
        for (size_t i = 0; i < from; i++) {
            const struct ink_box *other = &list->items[i].box;
            if (other->left < box.right + 0.5 && other->right + 0.5 > box.left &&
                other->top < box.bottom + 0.3 && other->bottom + 0.3 > box.top) {
                down = fmax(down, other->bottom + 0.4 - box.top);
            }
        }
        if (down <= 0) {
            return;
        }
        move_from(list, from, 0, down);
    }
}

void page_texts_ink(const struct vertical *vertical, const struct page_frame *frame,
                    struct ink_list *list) {
    const struct music *music = vertical->music;
    for (size_t i = 0; i < music->n_page_texts; i++) {
        const struct music_page_text *text = &music->page_texts[i];
        const char *format =
            text->page_format != NULL && strlen(text->page_format) >= 2 ? text->page_format : "c2";
        size_t from = list->n_items;
        struct ink_list lines = {0};
        make_lines(vertical->arena, text, &lines);
        if (lines.n_items == 0) {
            continue;
        }
        for (size_t k = 0; k < lines.n_items; k++) {
            (void)ink_list_add(vertical->arena, list, &lines.items[k]);
        }
        move_from(list, from, column_x(frame, format[0]) + text->look.dx,
                  row_y(frame, format[1]) - text->look.dy);
        struct ink_box box = box_of(list, from); /* inside the page, off the other texts */
        move_from(list, from,
                  box.left < 0.2 ? 0.2 - box.left : fmin(0, frame->width - 0.2 - box.right), 0);
        move_from(list, from, 0,
                  box.top < 0.2 ? 0.2 - box.top : fmin(0, frame->height - 0.2 - box.bottom));
        if (is_upper(text)) {
            keep_off(list, from);
        }
    }
}

double page_texts_height(const struct vertical *vertical, const struct page_frame *frame) {
    const struct music *music = vertical->music;
    double height = 0;
    struct ink_list list = {0};
    struct page_frame tall = *frame; /* the texts below do not matter here */
    tall.height = 1e4;
    page_texts_ink(vertical, &tall, &list);
    for (size_t i = 0; i < list.n_items; i++) {
        if (list.items[i].box.bottom < 1e4 / 4) {
            height = fmax(height, list.items[i].box.bottom);
        }
    }
    return music->n_page_texts > 0 ? height : 0;
}

double page_texts_width(const struct vertical *vertical) {
    double width = 0;
    for (size_t i = 0; i < vertical->music->n_page_texts; i++) {
        struct ink_list lines = {0};
        make_lines(vertical->arena, &vertical->music->page_texts[i], &lines);
        struct ink_box box = box_of(&lines, 0);
        width = lines.n_items > 0 ? fmax(width, box.right - box.left) : width;
    }
    return width;
}
