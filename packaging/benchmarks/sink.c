// A server for measurements. It answers as both APIs, their storage and S3 do, and throws all bytes away.
//
// What it costs is small and told, so that figures are those of the client. It believes what clients say of themselves:
// keys are not looked at. It counts what really arrived. Build and start it by hand with:
//
//     cc -O2 -o sink packaging/benchmarks/sink.c -lssl -lcrypto -lpthread
//     ./sink --port 0 [--tls-port 0 --cert cert.pem --key key.pem] [--threads 1] [--part-size 4194304]
//
// It prints a line for each port, such as "http 127.0.0.1:41235", and then "ready". It knows these requests:
//
//     POST /api/v1/media/presign, GET /api/v1/media/ID           Postbreeze
//     POST /linkedin/posts/upload/{init,complete}, GET …/document-status     ConnectSafely
//     PUT /asset/NUMBER[/PART]                                    what those two hand out
//     PUT, HEAD, GET of any other path                            S3: any bucket, nothing in it
//     GET /sink/stats, GET /sink/puts, POST /sink/reset           its books
//
// Source of the answers: docs/providers.md. Bodies need a Content-Length; there is no chunked coding.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

// ---------------------------------------------------------------------------------------------------------------------
// Text

struct text {
    char *bytes;
    size_t length, room;
};

static void *checked(void *memory) {
    if (!memory) abort();
    return memory;
}

static void make_room(struct text *text, size_t more) {
    if (text->length + more < text->room) return;
    while (text->length + more >= text->room) text->room = text->room ? text->room * 2 : 4096;
    text->bytes = checked(realloc(text->bytes, text->room));
}

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...) {
    va_list list;
    va_start(list, format);
    va_list again;
    va_copy(again, list);
    size_t length = (size_t)vsnprintf(NULL, 0, format, list);
    va_end(list);
    make_room(text, length + 1);
    vsnprintf(text->bytes + text->length, length + 1, format, again);
    va_end(again);
    text->length += length;
}

// ---------------------------------------------------------------------------------------------------------------------
// Books

// What one presign or init has handed out.
struct asset {
    int64_t declared;  // bytes of the whole file
    int64_t arrived;  // bytes of the parts that are here
    uint32_t parts;  // 0: one PUT
    uint8_t *has;  // a flag for each part
    char *name;
    bool complete;
};

// One PUT whose body arrived whole.
struct put {
    char *name;  // of the file, else the path
    int64_t first, last;  // nanoseconds since 1970: the request's first byte, the body's last
    int64_t bytes;
};

static struct books {
    pthread_mutex_t lock;
    struct asset *assets;
    size_t asset_count, asset_room;
    struct put *puts;
    size_t put_count, put_room;
    uint64_t *paths;  // a hash set of other paths that were PUT
    size_t path_count, path_room;
    int64_t requests, presigns, inits, completions, bytes, complete, other, refused, connections;
    double cpu;  // seconds, at the last reset
} books = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t part_size = 4 << 20;
static char run[17];  // differs from run to run, so that ids do

static double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static size_t new_asset(const char *name, int64_t declared, uint32_t parts) {
    if (books.asset_count == books.asset_room) {
        books.asset_room = books.asset_room ? books.asset_room * 2 : 1024;
        books.assets = checked(realloc(books.assets, books.asset_room * sizeof *books.assets));
    }
    struct asset *asset = &books.assets[books.asset_count];
    *asset = (struct asset){.declared = declared, .parts = parts, .name = checked(strdup(name))};
    if (parts) asset->has = checked(calloc(parts, 1));
    return books.asset_count++;
}

static void note_path(const char *path) {
    uint64_t hash = 14695981039346656037u;  // FNV-1a
    for (; *path; path++) hash = (hash ^ (uint8_t)*path) * 1099511628211u;
    if (!hash) hash = 1;
    if (books.path_count * 2 >= books.path_room) {
        size_t room = books.path_room ? books.path_room * 2 : 1024;
        uint64_t *paths = checked(calloc(room, sizeof *paths));
        for (size_t i = 0; i < books.path_room; i++) {
            if (!books.paths[i]) continue;
            size_t place = books.paths[i] % room;
            while (paths[place]) place = (place + 1) % room;
            paths[place] = books.paths[i];
        }
        free(books.paths);
        books.paths = paths;
        books.path_room = room;
    }
    size_t place = hash % books.path_room;
    while (books.paths[place] && books.paths[place] != hash) place = (place + 1) % books.path_room;
    if (!books.paths[place]) books.path_count++;
    books.paths[place] = hash;
}

static void note_put(const char *name, int64_t first, int64_t bytes) {
    if (books.put_count == books.put_room) {
        books.put_room = books.put_room ? books.put_room * 2 : 1024;
        books.puts = checked(realloc(books.puts, books.put_room * sizeof *books.puts));
    }
    books.puts[books.put_count++] = (struct put){checked(strdup(name)), first, nanoseconds(), bytes};
    books.bytes += bytes;
}

static void reset(void) {
    for (size_t i = 0; i < books.put_count; i++) free(books.puts[i].name);
    for (size_t i = 0; i < books.asset_count; i++) free(books.assets[i].name), free(books.assets[i].has);
    free(books.paths);
    books.put_count = books.asset_count = books.path_count = books.path_room = 0;
    books.paths = NULL;
    books.requests = books.presigns = books.inits = books.completions = books.bytes = books.complete = 0;
    books.other = books.refused = books.connections = 0;
    books.cpu = cpu_seconds();
    snprintf(run, sizeof run, "%016llx", (unsigned long long)nanoseconds());
}

static void add_stats(struct text *text) {
    add(text,
        "{\"requests\": %lld, \"presigns\": %lld, \"inits\": %lld, \"completions\": %lld, \"puts\": %zu, "
        "\"bytes\": %lld, \"complete\": %lld, \"paths\": %zu, \"other\": %lld, \"refused\": %lld, "
        "\"connections\": %lld, \"cpu_seconds\": %.6f, \"first_byte_of_last_put\": %lld}\n",
        (long long)books.requests, (long long)books.presigns, (long long)books.inits, (long long)books.completions,
        books.put_count, (long long)books.bytes, (long long)books.complete, books.path_count, (long long)books.other,
        (long long)books.refused, (long long)books.connections, cpu_seconds() - books.cpu,
        books.put_count ? (long long)books.puts[books.put_count - 1].first : 0LL);
}

// ---------------------------------------------------------------------------------------------------------------------
// Requests

struct connection {
    int file;
    SSL *tls;
    bool is_shaken, wants_out, closes;
    struct text in, out;
    size_t out_done;
    // The request at hand.
    bool has_head, keeps_body;
    int64_t first;  // time of its first byte
    int64_t length, left;  // of the body, and of what is still to come
    char method[8], path[2048], host[256];
};

struct listener {
    int file;
    SSL_CTX *tls;  // NULL: clear text
};

static const char *date(void) {
    static _Thread_local char text[40];
    static _Thread_local time_t then;
    time_t now = time(NULL);
    if (now != then) {
        struct tm parts;
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &parts));
        then = now;
    }
    return text;
}

static void answer(struct connection *c, const char *status, const char *type, const char *more, struct text *body) {
    bool is_head = !strcmp(c->method, "HEAD");
    size_t length = body ? body->length : 0;
    add(&c->out, "HTTP/1.1 %s\r\nDate: %s\r\nContent-Length: %zu\r\n", status, date(), length);
    if (length) add(&c->out, "Content-Type: %s\r\n", type);
    add(&c->out, "%s%s\r\n", more, c->closes ? "Connection: close\r\n" : "");
    if (!length || is_head) return;
    make_room(&c->out, length);
    memcpy(c->out.bytes + c->out.length, body->bytes, length);
    c->out.length += length;
}

static void answer_json(struct connection *c, const char *status, struct text *body) {
    answer(c, status, "application/json", "", body);
    free(body->bytes);
}

static void refuse(struct connection *c, const char *status, const char *why) {
    struct text body = {0};
    add(&body,
        "{\"statusCode\": %d, \"success\": false, \"code\": \"SINK\", \"message\": \"%s\", "
        "\"requestId\": \"req_sink\"}",
        atoi(status), why);
    books.refused++;
    answer_json(c, status, &body);
}

// The value of a member of a JSON object, as far as files of measurements need it: nothing is escaped.
static const char *member(const struct connection *c, const char *name, char *value, size_t room) {
    char key[64];
    int length = snprintf(key, sizeof key, "\"%s\"", name);
    *value = 0;
    const char *place = memmem(c->in.bytes, (size_t)c->length, key, (size_t)length);
    if (!place) return value;
    const char *end = c->in.bytes + c->length;
    place += length;
    while (place < end && (*place == ' ' || *place == ':')) place++;
    bool is_text = place < end && *place == '"';
    if (is_text) place++;
    size_t count = 0;
    while (place < end && count + 1 < room && *place != '"' && (is_text || (*place != ',' && *place != '}')))
        value[count++] = *place++;
    value[count] = 0;
    return value;
}

// The number after a prefix of a URN, an id or a path.
static struct asset *asset_of(const char *text, const char *prefix, size_t *number) {
    const char *place = text ? strstr(text, prefix) : NULL;
    if (!place) return NULL;
    place += strlen(prefix);
    if (strncmp(place, run, 16)) return NULL;
    *number = strtoull(place + 16, NULL, 16);
    return *number < books.asset_count ? &books.assets[*number] : NULL;
}

static void add_media(struct text *text, const struct connection *c, size_t number, const char *type, int64_t bytes) {
    add(text,
        "{\"id\": \"med_%s%08zx\", \"ownerUserId\": \"usr_sink\", \"folderId\": null, \"kind\": \"DOCUMENT\", "
        "\"mimeType\": \"%s\", \"bytes\": %lld, \"storageKey\": \"asset/%s%08zx\", "
        "\"normalizationStatus\": \"SKIPPED\", \"publicUrl\": \"%s://%s/asset/%s%08zx\", "
        "\"createdAt\": \"2026-01-01T00:00:00.000Z\", \"updatedAt\": \"2026-01-01T00:00:00.000Z\"}",
        run, number, type, (long long)bytes, run, number, c->tls ? "https" : "http", c->host, run, number);
}

static void presign(struct connection *c) {
    char name[512], type[128], bytes[32];
    member(c, "filename", name, sizeof name);
    member(c, "contentType", type, sizeof type);
    member(c, "bytes", bytes, sizeof bytes);
    if (!*name || !*type || atoll(bytes) < 1) return refuse(c, "400 Bad Request", "filename, contentType, bytes");
    size_t number = new_asset(name, atoll(bytes), 0);
    books.presigns++;
    struct text body = {0};
    time_t until = time(NULL) + 900;
    struct tm parts;
    char expires[40];
    strftime(expires, sizeof expires, "%Y-%m-%dT%H:%M:%S.000Z", gmtime_r(&until, &parts));
    const char *scheme = c->tls ? "https" : "http";
    add(&body,
        "{\"uploadUrl\": \"%s://%s/asset/%s%08zx?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=900&"
        "X-Amz-SignedHeaders=content-type%%3Bhost&X-Amz-Signature="
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", "
        "\"publicUrl\": \"%s://%s/asset/%s%08zx\", \"expiresAt\": \"%s\", \"headers\": {\"Content-Type\": \"%s\"}, "
        "\"mediaAsset\": ",
        scheme, c->host, run, number, scheme, c->host, run, number, expires, type);
    add_media(&body, c, number, type, atoll(bytes));
    add(&body, "}");
    answer_json(c, "201 Created", &body);
}

static void show_media(struct connection *c) {
    size_t number;
    struct asset *asset = asset_of(c->path, "/med_", &number);
    if (!asset || !asset->complete) return refuse(c, "404 Not Found", "Media asset not found");
    struct text body = {0};
    add_media(&body, c, number, "application/octet-stream", asset->declared);
    answer_json(c, "200 OK", &body);
}

static void init(struct connection *c) {
    char name[512], type[32], size[32];
    member(c, "filename", name, sizeof name);
    member(c, "mediaType", type, sizeof type);
    member(c, "fileSize", size, sizeof size);
    int64_t bytes = atoll(size);
    if (!*name || !*type || bytes < 1) return refuse(c, "400 Bad Request", "filename, mediaType, fileSize");
    bool is_split = !strcmp(type, "video") && bytes > part_size;
    uint32_t parts = is_split ? (uint32_t)((bytes + part_size - 1) / part_size) : 0;
    size_t number = new_asset(name, bytes, parts);
    books.inits++;
    struct text body = {0};
    char url[400];
    snprintf(url, sizeof url, "%s://%s/asset/%s%08zx", c->tls ? "https" : "http", c->host, run, number);
    add(&body,
        "{\"success\": true, \"uploadType\": \"%s\", \"assetUrn\": \"urn:li:digitalmediaAsset:%s%08zx\", "
        "\"recipes\": [\"feedshare-%s\"], \"mediaArtifactUrn\": \"urn:li:digitalmediaMediaArtifact:"
        "(urn:li:digitalmediaAsset:%s%08zx,urn:li:digitalmediaMediaArtifactClass:uploaded-%s)\", ",
        is_split ? "MULTIPART" : "SINGLE", run, number, type, run, number, type);
    if (is_split) {
        add(&body,
            "\"uploadUrl\": null, \"uploadHeaders\": null, \"multipartMetadata\": \"\", "
            "\"partUploadRequests\": [");
        for (uint32_t part = 0; part < parts; part++) {
            int64_t first = part * part_size, last = first + part_size < bytes ? first + part_size : bytes;
            add(&body,
                "%s{\"firstByte\": %lld, \"lastByte\": %lld, \"uploadUrl\": \"%s/%u?sig=0123456789abcdef\", "
                "\"headers\": {\"Content-Type\": \"application/octet-stream\"}}",
                part ? ", " : "", (long long)first, (long long)last - 1, url, part);
        }
        add(&body, "]}");
    } else {
        add(&body,
            "\"uploadUrl\": \"%s?sig=0123456789abcdef\", \"uploadHeaders\": {}, \"multipartMetadata\": null, "
            "\"partUploadRequests\": []}",
            url);
    }
    answer_json(c, "200 OK", &body);
}

static void finish(struct asset *asset) {
    if (!asset->complete) books.complete++;
    asset->complete = true;
}

static void complete(struct connection *c) {
    char urn[256];
    size_t number;
    struct asset *asset = asset_of(member(c, "mediaArtifactUrn", urn, sizeof urn), "digitalmediaAsset:", &number);
    if (!asset || !asset->parts) return refuse(c, "400 Bad Request", "no such upload in parts");
    if (asset->arrived != asset->declared) return refuse(c, "400 Bad Request", "parts are missing");
    uint32_t told = 0;
    const char *place = c->in.bytes, *end = c->in.bytes + c->length;
    while ((place = memmem(place, (size_t)(end - place), "\"httpStatusCode\"", 16))) told++, place += 16;
    if (told != asset->parts) return refuse(c, "400 Bad Request", "partUploadResponses has not one for each part");
    finish(asset);
    books.completions++;
    struct text body = {0};
    add(&body, "{\"success\": true}");
    answer_json(c, "200 OK", &body);
}

static void document_status(struct connection *c) {
    size_t number;
    struct asset *asset = asset_of(c->path, "digitalmediaAsset:", &number);
    if (!asset) asset = asset_of(c->path, "digitalmediaAsset%3A", &number);
    if (!asset) return refuse(c, "404 Not Found", "no such asset");
    struct text body = {0};
    add(&body, "{\"success\": true, \"status\": \"READY\", \"ready\": true}");
    answer_json(c, "200 OK", &body);
}

static void take_put(struct connection *c) {
    char etag[64];
    size_t number = 0;
    struct asset *asset = asset_of(c->path, "/asset/", &number);
    unsigned part = 0;
    if (asset) {
        const char *slash = strchr(c->path + strlen("/asset/"), '/');
        if (slash) part = (unsigned)strtoul(slash + 1, NULL, 10);
        if (asset->parts ? !slash || part >= asset->parts : slash != NULL)
            return refuse(c, "404 Not Found", "no such part");
        int64_t first = part * part_size, rest = asset->declared - first;
        int64_t due = asset->parts && rest > part_size ? part_size : rest;
        if (c->length != due) return refuse(c, "400 Bad Request", "another length than was asked for");
        if (asset->parts && !asset->has[part]) {
            asset->has[part] = 1;
            asset->arrived += c->length;
        } else if (!asset->parts) {
            asset->arrived = c->length;
            finish(asset);
        }
        note_put(asset->name, c->first, c->length);
    } else if (!strncmp(c->path, "/asset/", 7)) {
        return refuse(c, "404 Not Found", "never handed out");
    } else {
        note_path(c->path);
        note_put(c->path, c->first, c->length);
    }
    snprintf(etag, sizeof etag, "ETag: \"sink-%zx-%u\"\r\n", number, part);
    answer(c, "200 OK", "", etag, NULL);
}

static void list_puts(struct connection *c) {
    struct text body = {0};
    for (size_t i = 0; i < books.put_count; i++) {
        struct put *put = &books.puts[i];
        add(&body, "%s\t%lld\t%lld\t%lld\n", put->name, (long long)put->first, (long long)put->last,
            (long long)put->bytes);
    }
    answer(c, "200 OK", "text/plain", "", &body);
    free(body.bytes);
}

// Any bucket exists and is empty. Source: S3's API reference (ListObjectsV2, HeadBucket, HeadObject).
static void answer_as_s3(struct connection *c) {
    struct text body = {0};
    const char *object = strchr(c->path + 1, '/');
    if (object && object[1] && object[1] != '?') {
        add(&body, "<Error><Code>NoSuchKey</Code><Message>The sink keeps nothing.</Message></Error>");
        answer(c, "404 Not Found", "application/xml", "", &body);
    } else {
        add(&body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult "
            "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>sink</Name><Prefix></Prefix>"
            "<KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>");
        answer(c, "200 OK", "application/xml", "x-amz-bucket-region: us-east-1\r\n", &body);
    }
    free(body.bytes);
}

static bool is(const struct connection *c, const char *method, const char *path) {
    return !strcmp(c->method, method) && !strncmp(c->path, path, strlen(path));
}

// Answers the request at hand, whose body is here.
static void handle(struct connection *c) {
    pthread_mutex_lock(&books.lock);
    if (strncmp(c->path, "/sink/", 6)) books.requests++;
    if (is(c, "PUT", "/")) {
        take_put(c);
    } else if (is(c, "POST", "/api/v1/media/presign")) {
        presign(c);
    } else if (is(c, "GET", "/api/v1/media/")) {
        books.other++;
        show_media(c);
    } else if (is(c, "POST", "/linkedin/posts/upload/init")) {
        init(c);
    } else if (is(c, "POST", "/linkedin/posts/upload/complete")) {
        complete(c);
    } else if (is(c, "GET", "/linkedin/posts/upload/document-status")) {
        books.other++;
        document_status(c);
    } else if (is(c, "GET", "/sink/stats")) {
        struct text body = {0};
        add_stats(&body);
        answer_json(c, "200 OK", &body);
    } else if (is(c, "GET", "/sink/puts")) {
        list_puts(c);
    } else if (is(c, "POST", "/sink/reset")) {
        reset();
        answer(c, "204 No Content", "", "", NULL);
    } else if (is(c, "GET", "/") || is(c, "HEAD", "/")) {
        books.other++;
        answer_as_s3(c);
    } else {
        refuse(c, "404 Not Found", "the sink does not know this");
    }
    pthread_mutex_unlock(&books.lock);
}

// Reads a head of `size` bytes at the start of `in`. False if it cannot be served.
static bool read_head(struct connection *c, size_t size) {
    char *head = c->in.bytes;
    head[size - 1] = 0;
    c->length = 0;
    *c->host = 0;
    int version = 0;
    if (sscanf(head, "%7s %2047s HTTP/1.%d", c->method, c->path, &version) != 3) return false;
    c->closes = version == 0;
    bool waits = false;
    for (char *line = strchr(head, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
        line++;
        char *value = strchr(line, ':');
        if (!value) continue;
        size_t name = (size_t)(value - line);
        value += strspn(value, ": \t");
        size_t length = strcspn(value, "\r\n");
        if (name == 14 && !strncasecmp(line, "content-length", 14)) c->length = strtoll(value, NULL, 10);
        if (name == 17 && !strncasecmp(line, "transfer-encoding", 17)) return false;
        if (name == 10 && !strncasecmp(line, "connection", 10)) c->closes = !strncasecmp(value, "close", 5);
        if (name == 6 && !strncasecmp(line, "expect", 6)) waits = true;
        if (name == 4 && !strncasecmp(line, "host", 4)) snprintf(c->host, sizeof c->host, "%.*s", (int)length, value);
    }
    c->left = c->length;
    c->keeps_body = strcmp(c->method, "PUT");
    c->has_head = true;
    memmove(c->in.bytes, c->in.bytes + size, c->in.length - size);
    c->in.length -= size;
    if (waits && !c->in.length) add(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
    return c->length >= 0 && (!c->keeps_body || c->length < 16 << 20);
}

// Serves what `in` holds. False if the connection has to end.
static bool serve(struct connection *c) {
    for (;;) {
        if (!c->has_head) {
            if (!c->in.length) return true;
            char *end = memmem(c->in.bytes, c->in.length, "\r\n\r\n", 4);
            if (!end) return c->in.length < 64 << 10;
            if (!read_head(c, (size_t)(end - c->in.bytes) + 4)) return false;
        }
        if (c->keeps_body) {
            if ((int64_t)c->in.length < c->length) return true;
        } else if (c->left) {
            size_t here = c->in.length < (size_t)c->left ? c->in.length : (size_t)c->left;
            memmove(c->in.bytes, c->in.bytes + here, c->in.length - here);
            c->in.length -= here;
            c->left -= (int64_t)here;
            if (c->left) return true;
        }
        handle(c);
        c->has_head = false;
        if (c->keeps_body) {
            size_t rest = c->in.length - (size_t)c->length;
            memmove(c->in.bytes, c->in.bytes + c->length, rest);
            c->in.length = rest;
        }
        if (c->in.length) c->first = nanoseconds();
        if (c->closes) return true;
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Sockets

enum { one_read = 64 << 10 };

// Reads once. Returns the count, 0 at the end, -1 if nothing is there now.
static ssize_t receive(struct connection *c, char *buffer) {
    bool drops = c->has_head && !c->keeps_body && !c->in.length;
    if (c->tls) {
        int count = SSL_read(c->tls, buffer, one_read);
        if (count > 0) return count;
        int error = SSL_get_error(c->tls, count);
        ERR_clear_error();
        return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? -1 : 0;
    }
    // MSG_TRUNC: the kernel drops the bytes of a body, without a copy (tcp(7)).
    ssize_t count = drops ? recv(c->file, NULL, (size_t)c->left, MSG_TRUNC) : recv(c->file, buffer, one_read, 0);
    if (count >= 0) return count;
    return errno == EAGAIN || errno == EINTR ? -1 : 0;
}

// Sends what is due. False if the connection has to end.
static bool flush(struct connection *c) {
    while (c->out_done < c->out.length) {
        char *bytes = c->out.bytes + c->out_done;
        size_t length = c->out.length - c->out_done;
        ssize_t count;
        if (c->tls) {
            count = SSL_write(c->tls, bytes, (int)length);
            if (count <= 0) {
                int error = SSL_get_error(c->tls, (int)count);
                ERR_clear_error();
                return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
            }
        } else {
            count = send(c->file, bytes, length, MSG_NOSIGNAL);
            if (count < 0) return errno == EAGAIN;
        }
        c->out_done += (size_t)count;
    }
    c->out.length = c->out_done = 0;
    return !c->closes || c->has_head;
}

// Reads and answers what is there. False if the connection has to end.
static bool work(struct connection *c, char *buffer) {
    if (c->tls && !c->is_shaken) {
        int result = SSL_accept(c->tls);
        if (result != 1) {
            int error = SSL_get_error(c->tls, result);
            ERR_clear_error();
            return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
        }
        c->is_shaken = true;
    }
    // A few reads a turn, so that one large body does not hold up the others.
    for (int turn = 0; turn < 16 || (c->tls && SSL_pending(c->tls)); turn++) {
        bool drops = c->has_head && !c->keeps_body && !c->in.length;
        ssize_t count = receive(c, buffer);
        if (count == 0) return false;
        if (count < 0) break;
        if (drops && (!c->tls || count <= c->left)) {
            c->left -= count;
        } else {
            if (!c->in.length && !c->has_head) c->first = nanoseconds();
            make_room(&c->in, (size_t)count + 1);
            memcpy(c->in.bytes + c->in.length, buffer, (size_t)count);
            c->in.length += (size_t)count;
        }
        if (!drops || !c->left || c->in.length) {
            if (!serve(c)) return false;
        }
        if (c->out.length && !flush(c)) return false;
        // What came was less than there was room for: the socket is empty, and epoll tells of more.
        if (!c->tls && !drops && count < one_read) break;
    }
    return flush(c);
}

static void end(struct connection *c) {
    if (c->tls) SSL_free(c->tls);
    close(c->file);
    free(c->in.bytes);
    free(c->out.bytes);
    free(c);
}

static struct listener listeners[2];
static int listener_count;

static void accept_all(int poll, const struct listener *listener) {
    for (;;) {
        int file = accept4(listener->file, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (file < 0) return;
        int yes = 1;
        setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        struct connection *c = checked(calloc(1, sizeof *c));
        c->file = file;
        if (listener->tls) {
            c->tls = checked(SSL_new(listener->tls));
            SSL_set_fd(c->tls, file);
            SSL_set_accept_state(c->tls);
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poll, EPOLL_CTL_ADD, file, &event);
        pthread_mutex_lock(&books.lock);
        books.connections++;
        pthread_mutex_unlock(&books.lock);
    }
}

static const struct listener *listener_at(const void *place) {
    for (int i = 0; i < listener_count; i++)
        if (place == &listeners[i]) return &listeners[i];
    return NULL;
}

static void *loop(void *unused) {
    (void)unused;
    int poll = epoll_create1(EPOLL_CLOEXEC);
    char *buffer = checked(malloc(one_read));
    for (int i = 0; i < listener_count; i++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &listeners[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, listeners[i].file, &event);
    }
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(poll, events, 64, -1);
        for (int i = 0; i < count; i++) {
            const struct listener *listener = listener_at(events[i].data.ptr);
            if (listener) {
                accept_all(poll, listener);
                continue;
            }
            struct connection *c = events[i].data.ptr;
            if (!work(c, buffer)) {
                end(c);
                continue;
            }
            bool wants_out = c->out.length > c->out_done;
            if (wants_out != c->wants_out) {
                c->wants_out = wants_out;
                struct epoll_event event = {.events = EPOLLIN | (wants_out ? EPOLLOUT : 0), .data.ptr = c};
                epoll_ctl(poll, EPOLL_CTL_MOD, c->file, &event);
            }
        }
    }
    return NULL;
}

static void fail(const char *what) {
    fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void listen_at(const char *scheme, int port, SSL_CTX *tls) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int file = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(file, (struct sockaddr *)&address, sizeof address) || listen(file, 4096)) fail("cannot listen");
    socklen_t length = sizeof address;
    getsockname(file, (struct sockaddr *)&address, &length);
    listeners[listener_count++] = (struct listener){file, tls};
    printf("%s 127.0.0.1:%d\n", scheme, ntohs(address.sin_port));
}

static SSL_CTX *tls_context(const char *certificate, const char *key) {
    SSL_CTX *context = checked(SSL_CTX_new(TLS_server_method()));
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

int main(int count, char **words) {
    const struct option options[] = {
        {"port", required_argument, NULL, 'p'}, {"tls-port", required_argument, NULL, 't'},
        {"cert", required_argument, NULL, 'c'}, {"key", required_argument, NULL, 'k'},
        {"threads", required_argument, NULL, 'n'}, {"part-size", required_argument, NULL, 's'},
        {0},
    };
    int port = -1, tls_port = -1, threads = 1, option;
    const char *certificate = NULL, *key = NULL;
    while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
        switch (option) {
        case 'p': port = atoi(optarg); break;
        case 't': tls_port = atoi(optarg); break;
        case 'c': certificate = optarg; break;
        case 'k': key = optarg; break;
        case 'n': threads = atoi(optarg); break;
        case 's': part_size = atoll(optarg); break;
        default: return 64;
        }
    }
    if ((port < 0 && tls_port < 0) || (tls_port >= 0 && !(certificate && key)) || threads < 1 || part_size < 1) {
        fprintf(stderr, "usage: sink --port N | --tls-port N --cert FILE --key FILE [--threads N] "
                        "[--part-size BYTES]\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    reset();
    if (port >= 0) listen_at("http", port, NULL);
    if (tls_port >= 0) listen_at("https", tls_port, tls_context(certificate, key));
    printf("ready\n");
    fflush(stdout);
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, loop, NULL)) fail("cannot start a thread");
    }
    loop(NULL);
}
