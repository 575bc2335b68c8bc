import Glibc
import SystemPackage

/// A child process whose output goes to a file.
///
/// Foundation's Process would wait until nobody has a descriptor any more that each child inherits: with a server that
/// the child leaves behind, for ever.
enum Child {
    /// Starts a program. Its environment is bare: what this process's says of another server does not count.
    static func start(_ words: [String], input: CInt? = nil, output: FilePath) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output.string, O_WRONLY | O_APPEND, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let variables = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"]
        let (arguments, environment) = (words.map { strdup($0) } + [nil], variables.map { strdup($0) } + [nil])
        defer { for copy in arguments + environment { free(copy) } }
        var process = pid_t()
        let failure = posix_spawn(&process, words[0], &actions, nil, arguments, environment)
        guard failure == 0 else { throw Errno(rawValue: failure) }
        return process
    }

    /// Waits for the end of a child. Returns its status as wait(2) has it: 0 for success.
    static func wait(for process: pid_t) throws -> CInt {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        return status
    }
}
