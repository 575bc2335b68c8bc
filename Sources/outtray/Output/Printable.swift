import Pipeline
import SystemPackage

/// A text from outside (an id, a server's words, a name) as one line that shows its content.
///
/// Characters that move the cursor, end the line or reverse the rest of it become `\u{…}`. These are control
/// characters, line and paragraph separators, and format characters such as U+202E. The two joiners stay: emoji and
/// Persian words need them, and they reverse nothing. Printable characters stay as they are.
func printable(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
        if isPlain(scalar) {
            shown.unicodeScalars.append(scalar)
        } else {
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
    return shown
}

/// A path on one line of a terminal or a log, whatever its bytes: as the manifest has it, and ``printable(_:)``.
func printablePath(_ path: FilePath) -> String {
    printable(ManifestKey(path).text)
}

/// Whether a line of a terminal or a log shows this character as it is, and goes on behind it.
func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
    case .format: scalar == "\u{200C}" || scalar == "\u{200D}"
    default: true
    }
}
