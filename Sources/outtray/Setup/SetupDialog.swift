import Foundation
import Glibc

/// Asks a person on a terminal. Questions go to standard error, as standard output is for data.
struct SetupDialog {
    /// Whether there is a person to ask.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && Console.isTerminal }

    /// Nobody answers any more: the input has ended.
    struct Ended: Error {}

    /// Asks until the answer is good. `trouble` says what is wrong with an answer. An empty answer stands for `usual`.
    func ask(_ question: String, usual: String, trouble: (String) -> String?) throws -> String {
        try answer(to: "\(question) [\(usual)]: ", usual: usual, trouble)
    }

    /// Asks whether to do something. An empty answer is yes.
    func agrees(to question: String) throws -> Bool {
        let words = ["y": true, "yes": true, "n": false, "no": false]
        let answer = try answer(to: "\(question) [Y/n] ", usual: "y") { words[$0.lowercased()] == nil ? "y or n" : nil }
        return words[answer.lowercased()] ?? false
    }

    private func answer(to prompt: String, usual: String, _ trouble: (String) -> String?) throws -> String {
        while true {
            self.prompt(prompt)
            guard let line = readLine() else { throw Ended() }
            let text = line.trimmed
            let answer = text.isEmpty ? usual : String(text)
            guard let trouble = trouble(answer) else { return answer }
            Console.tell("  \(printable(trouble))")
        }
    }

    /// Asks for a secret. The terminal does not show what is typed.
    ///
    /// - Throws: ``Ended``, or ``SetupFailure`` if the terminal shows what is typed all the same.
    func askSecretly(_ question: String, trouble: (String) -> String?) throws -> String {
        while true {
            prompt("\(question) (it is not shown): ")
            let line = try HiddenInput.readLine()
            // The line's own end was not shown either.
            Console.write("\n", to: STDERR_FILENO)
            guard let line else { throw Ended() }
            let answer = String(line.trimmed)
            guard let trouble = trouble(answer) else { return answer }
            Console.tell("  \(trouble)")
        }
    }

    private func prompt(_ text: String) {
        Console.write(text, to: STDERR_FILENO)
    }
}

/// A line of the terminal that is not shown.
///
/// However the process ends meanwhile, the terminal shows what is typed again.
enum HiddenInput {
    /// What is put back, by a signal's handler too: so it has a fixed place in memory. It is written before the handler
    /// is there, and never while it is.
    nonisolated(unsafe) private static let shown = UnsafeMutablePointer<termios>.allocate(capacity: 1)

    /// Signals by which a person ends or stops the question.
    private static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

    /// - Throws: ``SetupFailure`` if the terminal cannot hide what is typed.
    static func readLine() throws(SetupFailure) -> String? {
        guard tcgetattr(STDIN_FILENO, shown) == 0 else { throw refusal }
        let handlers = endings.map { number in
            signal(number) { number in
                // Both calls may be made in a handler (signal-safety(7)).
                tcsetattr(STDIN_FILENO, TCSAFLUSH, HiddenInput.shown)
                _exit(128 + number)
            }
        }
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, shown)
            for (number, handler) in zip(endings, handlers) { signal(number, handler) }
        }
        var hidden = shown.pointee
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // tcsetattr(3) succeeds if any of the changes was made.
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0, tcgetattr(STDIN_FILENO, &hidden) == 0,
            hidden.c_lflag & tcflag_t(ECHO) == 0
        else { throw refusal }
        return Swift.readLine()
    }

    private static var refusal: SetupFailure {
        SetupFailure("this terminal cannot hide what is typed: give --key-file")
    }
}
