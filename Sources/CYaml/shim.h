// libyaml as Swift sees it. The wrappers read members of unions and of arrays that Swift imports clumsily.

#ifndef CYAML_SHIM_H
#define CYAML_SHIM_H

#include <stddef.h>
#include <stdlib.h>
#include <yaml.h>

// A parser on the heap, since libyaml keeps pointers into it. NULL when memory is short.
static inline yaml_parser_t *cyaml_parser_new(const unsigned char *bytes, size_t count) {
    yaml_parser_t *parser = (yaml_parser_t *)malloc(sizeof(yaml_parser_t));
    if (parser == NULL) return NULL;
    if (!yaml_parser_initialize(parser)) {
        free(parser);
        return NULL;
    }
    yaml_parser_set_input_string(parser, bytes, count);
    return parser;
}

static inline void cyaml_parser_free(yaml_parser_t *parser) {
    yaml_parser_delete(parser);
    free(parser);
}

static inline const char *cyaml_problem(const yaml_parser_t *parser) { return parser->problem; }
static inline const char *cyaml_context(const yaml_parser_t *parser) { return parser->context; }
static inline size_t cyaml_problem_line(const yaml_parser_t *parser) { return parser->problem_mark.line; }
static inline size_t cyaml_problem_column(const yaml_parser_t *parser) { return parser->problem_mark.column; }
static inline size_t cyaml_problem_offset(const yaml_parser_t *parser) { return parser->problem_offset; }
// Reader errors have an offset and no mark.
static inline int cyaml_is_reader_error(const yaml_parser_t *parser) { return parser->error == YAML_READER_ERROR; }
static inline int cyaml_is_memory_error(const yaml_parser_t *parser) { return parser->error == YAML_MEMORY_ERROR; }

static inline const unsigned char *cyaml_alias_name(const yaml_event_t *event) { return event->data.alias.anchor; }
static inline const unsigned char *cyaml_scalar_anchor(const yaml_event_t *event) { return event->data.scalar.anchor; }
static inline const unsigned char *cyaml_scalar_tag(const yaml_event_t *event) { return event->data.scalar.tag; }
static inline const unsigned char *cyaml_scalar_value(const yaml_event_t *event) { return event->data.scalar.value; }
static inline size_t cyaml_scalar_length(const yaml_event_t *event) { return event->data.scalar.length; }
static inline int cyaml_scalar_is_plain(const yaml_event_t *event) {
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}
static inline const unsigned char *cyaml_sequence_anchor(const yaml_event_t *event) {
    return event->data.sequence_start.anchor;
}
static inline const unsigned char *cyaml_mapping_anchor(const yaml_event_t *event) {
    return event->data.mapping_start.anchor;
}

#endif
