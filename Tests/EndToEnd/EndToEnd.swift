import Testing

/// The built binary, driven from outside: real processes, real inotify, real HTTP against a sandbox in this process.
///
/// One test at a time: each starts processes that want a core of their own.
@Suite(.serialized) enum EndToEnd {}
