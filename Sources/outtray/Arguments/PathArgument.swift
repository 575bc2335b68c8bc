import ArgumentParser
import Glibc
import Pipeline
import SystemPackage

/// A path on the command line, by its own bytes.
struct PathArgument: ExpressibleByArgument {
    let path: FilePath

    init(argument: String) {
        path = FilePath(bytes: ArgumentText.bytes(of: argument))
    }

    /// As the manifest has it: absolute, without `.` and `..`.
    var absolute: FilePath {
        guard let directory = getcwd(nil, 0) else { return path.lexicallyNormalized() }
        defer { free(directory) }
        return FilePath(platformString: directory).pushing(path).lexicallyNormalized()
    }
}

/// The arguments of a command line as texts from which their bytes can be had back.
///
/// A path need not be UTF-8, and a parser of command lines takes texts. Each byte that is no UTF-8 becomes a character of
/// its own for the way: one of U+10FF00 to U+10FFFF, the end of the private use planes. Where an argument has such a
/// character itself, its bytes go the same way.
enum ArgumentText {
    private static let base: UInt32 = 0x10FF00

    /// This process's arguments, without its name.
    static var own: [String] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { text(of: bytes(at: $0)) }
        }
    }

    static func text(of bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        var rest = bytes[...]
        while !rest.isEmpty {
            var decoder = UTF8()
            var input = rest.makeIterator()
            if case .scalarValue(let scalar) = decoder.decode(&input), scalar.value < base {
                text.append(scalar)
                rest = rest.dropFirst(UTF8.width(scalar))
            } else if let byte = rest.popFirst(), let scalar = Unicode.Scalar(base + UInt32(byte)) {
                text.append(scalar)
            }
        }
        return String(text)
    }

    static func bytes(of text: String) -> [UInt8] {
        text.unicodeScalars.flatMap { scalar in
            scalar.value < base ? Array(String(scalar).utf8) : [UInt8(truncatingIfNeeded: scalar.value)]
        }
    }

    /// For a message that quotes an argument.
    static func shown(_ text: String) -> String { String(decoding: bytes(of: text), as: UTF8.self) }

    private static func bytes(at pointer: UnsafePointer<CChar>) -> [UInt8] {
        Array(UnsafeBufferPointer(start: pointer, count: strlen(pointer)).lazy.map(UInt8.init(bitPattern:)))
    }
}
