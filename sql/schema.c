#include "schema.h"

// A migration is a file and one line here. Their order is the order in which they run; none is ever changed or removed
// once it has been released, because `chorus serve` compares each one's checksum with what the database was given.

static const unsigned char private_m0001_network[] = {
#embed "private/m0001_network.sql"
};

static const unsigned char private_m0002_event[] = {
#embed "private/m0002_event.sql"
};

static const unsigned char private_m0003_anonymity[] = {
#embed "private/m0003_anonymity.sql"
};

static const unsigned char private_m0004_round[] = {
#embed "private/m0004_round.sql"
};

static const unsigned char private_m0005_recommendation[] = {
#embed "private/m0005_recommendation.sql"
};

static const unsigned char private_m0006_directory[] = {
#embed "private/m0006_directory.sql"
};

static const unsigned char private_m0007_dialogue[] = {
#embed "private/m0007_dialogue.sql"
};

static const unsigned char private_m0008_clock[] = {
#embed "private/m0008_clock.sql"
};

static const unsigned char private_m0009_theme[] = {
#embed "private/m0009_theme.sql"
};

static const unsigned char private_m0010_gather[] = {
#embed "private/m0010_gather.sql"
};

static const unsigned char private_m0011_change[] = {
#embed "private/m0011_change.sql"
};

static const unsigned char private_m0012_rsvps[] = {
#embed "private/m0012_rsvps.sql"
};

static const unsigned char private_m0013_grants[] = {
#embed "private/m0013_grants.sql"
};

static const unsigned char private_m0014_audit[] = {
#embed "private/m0014_audit.sql"
};

static const unsigned char private_m0015_job[] = {
#embed "private/m0015_job.sql"
};

static const unsigned char private_m0016_drafting[] = {
#embed "private/m0016_drafting.sql"
};

static const unsigned char private_m0017_rules[] = {
#embed "private/m0017_rules.sql"
};

static const unsigned char private_m0018_notification[] = {
#embed "private/m0018_notification.sql"
};

static const unsigned char private_m0019_exchange[] = {
#embed "private/m0019_exchange.sql"
};

static const unsigned char private_m0020_reset[] = {
#embed "private/m0020_reset.sql"
};

static const unsigned char private_m0021_provider[] = {
#embed "private/m0021_provider.sql"
};

static const unsigned char private_m0022_factor[] = {
#embed "private/m0022_factor.sql"
};

static const unsigned char private_m0024_machine[] = {
#embed "private/m0024_machine.sql"
};

static const unsigned char private_m0025_backup[] = {
#embed "private/m0025_backup.sql"
};

static const unsigned char private_m0035_retention[] = {
#embed "private/m0035_retention.sql"
};

#define MIGRATION(database, name) { #name, database##_##name, sizeof database##_##name }

static const chorus_migration private_migrations[] = {
    MIGRATION(private, m0001_network),
    MIGRATION(private, m0002_event),
    MIGRATION(private, m0003_anonymity),
    MIGRATION(private, m0004_round),
    MIGRATION(private, m0005_recommendation),
    MIGRATION(private, m0006_directory),
    MIGRATION(private, m0007_dialogue),
    MIGRATION(private, m0008_clock),
    MIGRATION(private, m0009_theme),
    MIGRATION(private, m0010_gather),
    MIGRATION(private, m0011_change),
    MIGRATION(private, m0012_rsvps),
    MIGRATION(private, m0013_grants),
    MIGRATION(private, m0014_audit),
    MIGRATION(private, m0015_job),
    MIGRATION(private, m0016_drafting),
    MIGRATION(private, m0017_rules),
    MIGRATION(private, m0018_notification),
    MIGRATION(private, m0019_exchange),
    MIGRATION(private, m0020_reset),
    MIGRATION(private, m0021_provider),
    MIGRATION(private, m0022_factor),
    MIGRATION(private, m0024_machine),
    MIGRATION(private, m0025_backup),
    MIGRATION(private, m0035_retention),
};

const chorus_migration *chorus_private_migrations(size_t *count) {
    *count = sizeof private_migrations / sizeof private_migrations[0];
    return private_migrations;
}

static const unsigned char record_m0001_release[] = {
#embed "record/m0001_release.sql"
};

static const unsigned char record_m0002_recommendation[] = {
#embed "record/m0002_recommendation.sql"
};

static const unsigned char record_m0003_theme[] = {
#embed "record/m0003_theme.sql"
};

static const unsigned char record_m0004_change[] = {
#embed "record/m0004_change.sql"
};

static const unsigned char record_m0005_reminder[] = {
#embed "record/m0005_reminder.sql"
};

static const unsigned char record_m0006_publication[] = {
#embed "record/m0006_publication.sql"
};

static const unsigned char record_m0009_clock[] = {
#embed "record/m0009_clock.sql"
};

static const unsigned char record_m0010_revision[] = {
#embed "record/m0010_revision.sql"
};

static const unsigned char record_m0012_backup[] = {
#embed "record/m0012_backup.sql"
};

static const chorus_migration record_migrations[] = {
    MIGRATION(record, m0001_release),
    MIGRATION(record, m0002_recommendation),
    MIGRATION(record, m0003_theme),
    MIGRATION(record, m0004_change),
    MIGRATION(record, m0005_reminder),
    MIGRATION(record, m0006_publication),
    MIGRATION(record, m0009_clock),
    MIGRATION(record, m0010_revision),
    MIGRATION(record, m0012_backup),
};

const chorus_migration *chorus_record_migrations(size_t *count) {
    *count = sizeof record_migrations / sizeof record_migrations[0];
    return record_migrations;
}
