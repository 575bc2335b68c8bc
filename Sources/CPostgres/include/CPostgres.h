/// The functions of libpq, PostgreSQL's client library, that Outtray calls. The library is loaded when a fleet is
/// configured, and never otherwise. So nothing links it, and building needs no header of it.
///
/// The declarations are those of libpq-fe.h of PostgreSQL 14, the first one with the pipeline mode. libpq keeps its
/// functions and numbers as long as it is called libpq.so.5. The functions' documentation: PostgreSQL, "libpq - C
/// Library".
#ifndef CPOSTGRES_H
#define CPOSTGRES_H

#include <stddef.h>

typedef struct cpostgres_connection cpostgres_connection;
typedef struct cpostgres_result cpostgres_result;

/// PQconninfoOption: one setting of a connection.
typedef struct cpostgres_option {
    const char *_Nullable keyword;
    const char *_Nullable environment;
    const char *_Nullable compiled;
    const char *_Nullable value;
    const char *_Nullable label;
    const char *_Nullable display;
    int size;
} cpostgres_option;

/// PGnotify: one notification. The fields behind these are libpq's own.
typedef struct cpostgres_notification {
    const char *_Nullable channel;
    int process;
    const char *_Nullable payload;
} cpostgres_notification;

/// ConnStatusType.
enum {
    CPOSTGRES_CONNECTION_OK = 0,
    CPOSTGRES_CONNECTION_BAD = 1,
    CPOSTGRES_CONNECTION_SSL_STARTUP = 7,
};

/// PostgresPollingStatusType.
enum {
    CPOSTGRES_POLLING_FAILED = 0,
    CPOSTGRES_POLLING_READING = 1,
    CPOSTGRES_POLLING_WRITING = 2,
    CPOSTGRES_POLLING_OK = 3,
};

/// ExecStatusType.
enum {
    CPOSTGRES_EMPTY_QUERY = 0,
    CPOSTGRES_COMMAND_OK = 1,
    CPOSTGRES_TUPLES_OK = 2,
    CPOSTGRES_FATAL_ERROR = 7,
    CPOSTGRES_PIPELINE_SYNC = 10,
    CPOSTGRES_PIPELINE_ABORTED = 11,
};

/// PGVerbosity: with PQERRORS_VERBOSE, an error's text begins with its SQLSTATE.
enum { CPOSTGRES_ERRORS_VERBOSE = 2 };

/// The field codes of PQresultErrorField.
enum {
    CPOSTGRES_FIELD_SEVERITY = 'V',
    CPOSTGRES_FIELD_SQLSTATE = 'C',
    CPOSTGRES_FIELD_MESSAGE = 'M',
    CPOSTGRES_FIELD_DETAIL = 'D',
    CPOSTGRES_FIELD_HINT = 'H',
};

typedef void (*cpostgres_notice_processor)(void *_Nullable context, const char *_Nullable text);

/// Each function: what it returns, its name, its arguments.
#define CPOSTGRES_FUNCTIONS(F)                                                                                         \
    F(int, PQlibVersion, (void))                                                                                       \
    F(cpostgres_option *_Nullable, PQconninfoParse,                                                                    \
      (const char *_Nonnull text, char *_Nullable *_Nonnull error))                                                    \
    F(void, PQconninfoFree, (cpostgres_option * _Nullable options))                                                    \
    F(void, PQfreemem, (void *_Nullable memory))                                                                       \
    F(cpostgres_connection *_Nullable, PQconnectStartParams,                                                           \
      (const char *_Nullable const *_Nonnull keywords, const char *_Nullable const *_Nonnull values, int expand))      \
    F(int, PQconnectPoll, (cpostgres_connection * _Nonnull connection))                                                \
    F(cpostgres_option *_Nullable, PQconninfo, (cpostgres_connection * _Nonnull connection))                           \
    F(int, PQstatus, (const cpostgres_connection *_Nonnull connection))                                                \
    F(const char *_Nullable, PQerrorMessage, (const cpostgres_connection *_Nonnull connection))                        \
    F(int, PQconnectionNeedsPassword, (const cpostgres_connection *_Nonnull connection))                               \
    F(const char *_Nullable, PQparameterStatus,                                                                        \
      (const cpostgres_connection *_Nonnull connection, const char *_Nonnull name))                                    \
    F(int, PQsocket, (const cpostgres_connection *_Nonnull connection))                                                \
    F(void, PQfinish, (cpostgres_connection * _Nonnull connection))                                                    \
    F(int, PQsetErrorVerbosity, (cpostgres_connection * _Nonnull connection, int verbosity))                           \
    F(cpostgres_notice_processor _Nullable, PQsetNoticeProcessor,                                                      \
      (cpostgres_connection * _Nonnull connection, cpostgres_notice_processor _Nonnull processor,                      \
       void *_Nullable context))                                                                                       \
    F(int, PQsetnonblocking, (cpostgres_connection * _Nonnull connection, int nonblocking))                            \
    F(int, PQenterPipelineMode, (cpostgres_connection * _Nonnull connection))                                          \
    F(int, PQpipelineSync, (cpostgres_connection * _Nonnull connection))                                               \
    F(int, PQsendQueryParams,                                                                                          \
      (cpostgres_connection * _Nonnull connection, const char *_Nonnull sql, int count,                                \
       const unsigned *_Nullable types, const char *_Nullable const *_Nullable values, const int *_Nullable lengths,   \
       const int *_Nullable formats, int result_format))                                                               \
    F(int, PQflush, (cpostgres_connection * _Nonnull connection))                                                      \
    F(int, PQconsumeInput, (cpostgres_connection * _Nonnull connection))                                               \
    F(int, PQisBusy, (cpostgres_connection * _Nonnull connection))                                                     \
    F(cpostgres_result *_Nullable, PQgetResult, (cpostgres_connection * _Nonnull connection))                          \
    F(cpostgres_notification *_Nullable, PQnotifies, (cpostgres_connection * _Nonnull connection))                     \
    F(int, PQresultStatus, (const cpostgres_result *_Nonnull result))                                                  \
    F(const char *_Nullable, PQresultErrorField, (const cpostgres_result *_Nonnull result, int field))                 \
    F(const char *_Nullable, PQresultErrorMessage, (const cpostgres_result *_Nonnull result))                          \
    F(int, PQntuples, (const cpostgres_result *_Nonnull result))                                                       \
    F(int, PQnfields, (const cpostgres_result *_Nonnull result))                                                       \
    F(int, PQgetisnull, (const cpostgres_result *_Nonnull result, int row, int column))                                \
    F(const char *_Nullable, PQgetvalue, (const cpostgres_result *_Nonnull result, int row, int column))               \
    F(int, PQgetlength, (const cpostgres_result *_Nonnull result, int row, int column))                                \
    F(const char *_Nullable, PQcmdTuples, (cpostgres_result * _Nonnull result))                                        \
    F(void, PQclear, (cpostgres_result * _Nonnull result))

#define CPOSTGRES_FIELD(result, name, arguments) result(*_Nonnull name) arguments;

/// The table of libpq's functions.
typedef struct cpostgres_functions {
    CPOSTGRES_FUNCTIONS(CPOSTGRES_FIELD)
} cpostgres_functions;

#undef CPOSTGRES_FIELD

/// Loads the library of this name with dlopen(3) and fills in the table. The library stays loaded.
///
/// Returns 0. Otherwise the reason, as dlerror(3) has it, is in `reason`, cut to `room` bytes with the final NUL. The
/// table is not complete then, and nobody may use it.
int cpostgres_load(const char *_Nonnull name, cpostgres_functions *_Nonnull functions, char *_Nonnull reason,
                   size_t room);

#endif
