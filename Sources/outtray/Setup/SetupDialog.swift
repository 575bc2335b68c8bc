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
    func askSecretly(_ question: String, trouble: (String) -> String?) throws -> String {
        while true {
            prompt("\(question) (it is not shown): ")
            let line = HiddenInput.readLine()
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
private enum HiddenInput {
    /// What a signal's handler puts back. Written before the handler is there, and never while it is.
    nonisolated(unsafe) private static var shown = termios()

    /// Signals by which a person ends or stops the question.
    private static let endings = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

    static func readLine() -> String? {
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { return Swift.readLine() }
        let handlers = endings.map { number in
            signal(number) { number in
                // Both calls may be made in a handler (signal-safety(7)).
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &HiddenInput.shown)
                _exit(128 + number)
            }
        }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            for (number, handler) in zip(endings, handlers) { signal(number, handler) }
        }
        return Swift.readLine()
    }
}
