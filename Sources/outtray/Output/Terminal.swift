import Control
import Glibc

/// The terminals that the standard streams go to.
enum Terminal {
    /// Its columns and rows; nil if standard output goes elsewhere.
    static var size: (columns: Int, rows: Int)? { Console.isOutputTerminal ? size(of: STDOUT_FILENO) : nil }

    /// The columns of the terminal that standard error goes to; nil if it goes elsewhere.
    static var errorColumns: Int? { Console.isTerminal ? size(of: STDERR_FILENO).columns : nil }

    private static func size(of descriptor: CInt) -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), max(2, Int(size.ws_row)))
    }

    /// Shows these lines in place of the last ones. What does not fit is cut, as a scrolled screen could not be drawn
    /// over.
    static func redraw(_ lines: [String], in size: (columns: Int, rows: Int)) {
        let shown = lines.prefix(size.rows - 1).map { "\(DisplayWidth.cut($0, to: size.columns))\u{1B}[K\n" }.joined()
        // Cursor home, and after the text: erase below (ECMA-48).
        Console.write("\u{1B}[H\(shown)\u{1B}[J", to: STDOUT_FILENO)
    }
}
