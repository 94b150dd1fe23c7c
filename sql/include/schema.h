#pragma once

#include <stddef.h>

/// A migration of one of the two databases, embedded when the schema target is compiled.
typedef struct {
    const char *name;         // file name without its ending, e.g. "m0001_network"
    const unsigned char *sql; // UTF-8, not terminated
    size_t length;            // in bytes
} chorus_migration;

/// The migrations of the private database in their order; sets *count.
const chorus_migration *chorus_private_migrations(size_t *count);

/// The migrations of the record in their order; sets *count.
const chorus_migration *chorus_record_migrations(size_t *count);
