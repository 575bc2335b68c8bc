import ArgumentParser
import Glibc
import Pipeline
import SystemPackage

/// A path on the command line, by its own bytes.
struct PathArgument: ExpressibleByArgument {
    let path: FilePath

    init(_ path: FilePath) {
        self.path = path
    }

    init(argument: String) {
        path = FilePath(bytes: ArgumentText.bytes(of: argument))
    }

    /// The path as the manifest has it: absolute, without `.` and `..`.
    var absolute: FilePath {
        guard let directory = getcwd(nil, 0) else { return path.lexicallyNormalized() }
        defer { free(directory) }
        return FilePath(platformString: directory).pushing(path).lexicallyNormalized()
    }
}

/// The arguments of a command line as texts. Their bytes can be had back from the texts.
///
/// A path need not be UTF-8, but a parser of command lines takes texts. So each byte that is not UTF-8 becomes a
/// character of its own: one of U+10FF00 to U+10FFFF, the end of the private use planes. If an argument holds such a
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

    /// The argument for a message that quotes it.
    static func shown(_ text: String) -> String { String(decoding: bytes(of: text), as: UTF8.self) }

    private static func bytes(at pointer: UnsafePointer<CChar>) -> [UInt8] {
        Array(UnsafeBufferPointer(start: pointer, count: strlen(pointer)).lazy.map(UInt8.init(bitPattern:)))
    }
}
