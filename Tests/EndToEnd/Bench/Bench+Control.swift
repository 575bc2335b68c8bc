import Foundation
import SystemPackage
import TestSupport
import Testing

extension Bench {
    var socket: FilePath { state.appending("control.sock") }

    /// The JSON body of an answer to an action.
    func act(_ target: String, _ body: String) async throws -> JSONTree {
        let connection = try UnixConnection(socket)
        connection.send(
            "POST \(target) HTTP/1.1\r\nHost: outtray\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                + body
        )
        let answer = await connection.readToEnd()
        // An answer that may take long comes in chunks: each has a line with its length before it.
        let begin = try #require(answer.firstIndex(of: "{"), "\(answer)")
        let end = try #require(answer.lastIndex(of: "}"), "\(answer)")
        return try JSONTree(parsing: Array(answer[begin...end].utf8))
    }

    /// The JSON body of an answer of the control socket. The socket may be elsewhere than in the state directory.
    func ask(_ target: String, at socket: FilePath? = nil) async throws -> JSONTree {
        let answer = try await asked(socket ?? self.socket, target)
        let end = try #require(answer.range(of: "\r\n\r\n"), "\(answer)")
        return try JSONTree(parsing: Array(answer[end.upperBound...].utf8))
    }

    /// Waits until the service's status fulfils `condition`.
    @discardableResult
    func waitForStatus(
        _ what: String,
        at socket: FilePath? = nil,
        until condition: (JSONTree) throws -> Bool
    ) async throws -> JSONTree {
        let deadline = ContinuousClock.now.advanced(by: .seconds(50))
        while true {
            let status = try await ask("/api/v1/status", at: socket)
            if try condition(status) { return status }
            guard ContinuousClock.now < deadline else { throw NotReached(what: what, state: "\(status)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension JSONTree {
    /// The items of an array; none for anything else.
    var items: [JSONTree] { if case .array(let items) = self { items } else { [] } }

    var number: Double? { if case .number(let number) = self { number } else { nil } }
}

/// The schema of one kind of answer of the control socket.
func controlSchema(_ name: String) throws -> JSONSchemaValidator {
    let etc = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../etc")
    var schema = try JSONTree(parsing: Array(try Data(contentsOf: etc.appending(path: "control.schema.json"))))
    guard case .object(var members) = schema else { throw NotReached(what: "a schema", state: "\(schema)") }
    members["oneOf"] = nil
    members["$ref"] = .string("#/$defs/\(name)")
    schema = .object(members)
    return JSONSchemaValidator(schema: schema)
}
