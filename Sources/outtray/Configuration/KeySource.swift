import Glibc
import Pipeline
import Providers
import SystemPackage
import Watch

/// Where an account's API key comes from. The key is read when it is needed, and goes only to the provider.
enum KeySource: Hashable, Sendable {
    /// `api_key_file`.
    case file(FilePath)
    /// A file of that name among systemd's credentials: `api_key_file: main.key`. By default `<account>.key`.
    case credential(String)
    /// `api_key_env`.
    case environment(String)
    /// `api_key`, for a configuration file that others cannot read.
    case inline(Secret)

    /// The configuration's key that names this source.
    var name: String {
        switch self {
        case .file, .credential: "api_key_file"
        case .environment: "api_key_env"
        case .inline: "api_key"
        }
    }

    /// Where the key is, for people; nil for the empty key of a sandbox.
    var words: String? {
        switch self {
        case .inline(let key): key.revealed.isEmpty ? nil : "in the configuration"
        case .environment(let name): "in $\(name)"
        case .credential(let name): "the credential \(name) of the unit"
        case .file(let path): "\(path), which not every user can read"
        }
    }

    /// Reads the key. `instead`: what to give in place of a credential that is not there.
    ///
    /// - Throws: a reason for a person, without a full stop.
    func read(
        _ environment: [String: String],
        in surroundings: Surroundings = Surroundings(),
        instead: String = "api_key_file (an absolute path) or api_key_env"
    ) throws(KeyProblem) -> Secret {
        switch self {
        case .inline(let secret):
            return secret
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw KeyProblem("the environment has no \(name)")
            }
            return try Self.checked(value, from: "$\(name)")
        case .credential(let name):
            let path = try Self.path(ofCredential: name, environment, instead: instead)
            return try Self.checked(try Self.content(of: path, in: surroundings), from: path.string)
        case .file(let path):
            return try Self.checked(try Self.content(of: path, in: surroundings), from: path.string)
        }
    }

    /// The file of a key that lies in one; nil for any other. Throws as ``read(_:in:instead:)`` does.
    func file(_ environment: [String: String], instead: String) throws(KeyProblem) -> FilePath? {
        switch self {
        case .file(let path): path
        case .credential(let name): try Self.path(ofCredential: name, environment, instead: instead)
        case .environment, .inline: nil
        }
    }

    private static func path(
        ofCredential name: String,
        _ environment: [String: String],
        instead: String
    ) throws(KeyProblem) -> FilePath {
        guard let directory = environment["CREDENTIALS_DIRECTORY"] else {
            // Without the name: it may be the key itself, given in place of its file's name.
            throw KeyProblem("there is no key: give \(instead); a systemd credential is there for the service alone")
        }
        guard let path = FilePath(directory).lexicallyResolving(FilePath(name)) else {
            throw KeyProblem("this is neither an absolute path nor the name of a credential")
        }
        return path
    }

    /// Reads a key file. Refuses a file that others can read, and names the command that mends it.
    static func content(of path: FilePath, in surroundings: Surroundings) throws(KeyProblem) -> String {
        do {
            return try RegularFile.reading(path) { file, status in
                let rights = KeyFileRights(status)
                guard !rights.isOpenToAll else {
                    let command = rights.closing(path, in: surroundings)
                    throw KeyProblem("\(path) can be read by every user of this machine: \(command)")
                }
                return String(decoding: try file.readAll(most: 8192), as: UTF8.self)
            }
        } catch let problem as KeyProblem {
            throw problem
        } catch is NotRegular {
            throw KeyProblem("\(path) is not a file")
        } catch {
            throw KeyProblem(refusal(of: path, error as? Errno ?? .ioError, in: surroundings))
        }
    }

    private static func refusal(of path: FilePath, _ error: Errno, in surroundings: Surroundings) -> String {
        var status = stat()
        guard error == .permissionDenied, path.withPlatformString({ stat($0, &status) }) == 0 else {
            let trouble = DirectoryTrouble(error, at: path, for: .read)
            if case .denied = trouble { return trouble.words(for: path, in: surroundings) }
            return "\(path) cannot be read: \(error)"
        }
        return KeyFileRights(status).refusal(path, in: surroundings)
    }

    private static func checked(_ text: String, from place: String) throws(KeyProblem) -> Secret {
        let key = text.filter { !$0.isWhitespace }
        guard !key.isEmpty else { throw KeyProblem("\(place) is empty") }
        guard key.allSatisfy({ $0.isASCII && !$0.isNewline }), key.count == text.trimmed.count else {
            throw KeyProblem("\(place) must hold one key and nothing else")
        }
        return Secret(key)
    }
}

/// Why a key could not be had. Never holds the key.
struct KeyProblem: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
