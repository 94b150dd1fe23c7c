#pragma once

#include <stddef.h>

/// A file of the web client, embedded when this target is compiled.
typedef struct {
    const char *path;            // as it is served, or below /web/{version}/
    const char *media_type;      // with its charset
    const unsigned char *bytes;  // not terminated
    size_t length;               // in bytes
} chorus_web_file;

/// All files; sets *count.
const chorus_web_file *chorus_web_files(size_t *count);

/// The starter set of rules as JSON, not terminated and not served; sets *length, in bytes.
const unsigned char *chorus_starter_rules(size_t *length);

/// What a consent says, in one version and language.
typedef struct {
    const char *purpose;         // such as mail
    const char *version;         // such as 2026-11
    const char *language;        // BCP 47
    const unsigned char *bytes;  // lines in UTF-8, not terminated
    size_t length;               // in bytes
} chorus_consent_text;

/// All texts, of each purpose the older ones first; sets *count.
const chorus_consent_text *chorus_consent_texts(size_t *count);
