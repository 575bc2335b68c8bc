import Testing

/// The built binary, driven from outside: real processes, real inotify, real HTTP against a sandbox in this process.
///
/// One test of a process at a time: each starts processes that want a core of their own. `packaging/test` runs two
/// processes, as the tests wait for most of their time.
@Suite(.serialized) enum EndToEnd {}
