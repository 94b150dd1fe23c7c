#include "web_client.h"

// A file is an array and one line in the table.

static const unsigned char openapi[] = {
#embed "openapi.yaml"
};

static const unsigned char docs_style[] = {
#embed "docs.css"
};

static const unsigned char report_style[] = {
#embed "report.css"
};

static const unsigned char poster_style[] = {
#embed "poster.css"
};

static const unsigned char anonymous[] = {
#embed "anonymous.js"
};

static const unsigned char privacy_de[] = {
#embed "privacy.de.html"
};

static const unsigned char privacy_de_simple[] = {
#embed "privacy.de-simple.html"
};

static const unsigned char privacy_en[] = {
#embed "privacy.en.html"
};

static const chorus_web_file files[] = {
    {"/anonymous.js", "text/javascript; charset=utf-8", anonymous, sizeof anonymous},
    {"/openapi.yaml", "application/yaml; charset=utf-8", openapi, sizeof openapi},
    {"/docs.css", "text/css; charset=utf-8", docs_style, sizeof docs_style},
    {"/report.css", "text/css; charset=utf-8", report_style, sizeof report_style},
    {"/poster.css", "text/css; charset=utf-8", poster_style, sizeof poster_style},
    {"/privacy/de", "text/html; charset=utf-8", privacy_de, sizeof privacy_de},
    {"/privacy/de-simple", "text/html; charset=utf-8", privacy_de_simple, sizeof privacy_de_simple},
    {"/privacy/en", "text/html; charset=utf-8", privacy_en, sizeof privacy_en},
};

const chorus_web_file *chorus_web_files(size_t *count) {
    *count = sizeof files / sizeof files[0];
    return files;
}

static const unsigned char starter_rules[] = {
#embed "rules.json"
};

const unsigned char *chorus_starter_rules(size_t *length) {
    *length = sizeof starter_rules;
    return starter_rules;
}
