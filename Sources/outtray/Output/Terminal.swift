import Glibc

/// The terminal that standard output goes to.
enum Terminal {
    /// Its columns and rows; nil if standard output goes elsewhere.
    static var size: (columns: Int, rows: Int)? {
        guard Console.isOutputTerminal else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), max(2, Int(size.ws_row)))
    }

    /// Shows these lines in place of the last ones. What does not fit is cut at the bottom: a scrolled screen could not
    /// be drawn over.
    static func redraw(_ lines: [String], rows: Int) {
        let shown = lines.prefix(rows - 1).map { "\($0)\u{1B}[K\n" }.joined()
        // Cursor home, and after the text: erase below (ECMA-48).
        Console.write("\u{1B}[H\(shown)\u{1B}[J", to: STDOUT_FILENO)
    }
}
