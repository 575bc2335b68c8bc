import Threads

/// The addresses of a running sandbox.
package struct SandboxAddresses: Sendable, Equatable {
    /// Base URL of Postbreeze's API, such as `http://127.0.0.1:4100/api/v1`.
    package let postbreeze: String
    /// Base URL of ConnectSafely's API, such as `http://127.0.0.1:4101/linkedin`.
    package let connectSafely: String
    /// Base URL of the storage beneath both, such as `http://127.0.0.1:4102`.
    package let storage: String
    /// The storage's port, for URLs under the host name that a client used.
    let storagePort: Int

    init(host: String, ports: [SandboxListener: Int]) {
        let name = SandboxAddresses.reachable(host)
        func origin(_ listener: SandboxListener) -> String { "http://\(name):\(ports[listener] ?? 0)" }
        postbreeze = origin(.postbreeze) + "/api/v1"
        connectSafely = origin(.connectSafely) + "/linkedin"
        storage = origin(.storage)
        storagePort = ports[.storage] ?? 0
    }

    /// The host as URLs name it. A wildcard address can be bound but not called. An IPv6 address is written in
    /// brackets.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0", "": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}

/// Collects the ports as they are bound. Callers can wait until all three are.
final class AddressBoard: Sendable {
    private struct State {
        var ports: [SandboxListener: Int] = [:]
        var outcome: Result<SandboxAddresses, any Error>?
    }

    private let host: String
    private let state = Monitor(State())

    init(host: String) {
        self.host = host
    }

    /// Notes that a listener is up.
    func bound(_ listener: SandboxListener, port: Int) {
        state.change { state in
            state.ports[listener] = port
            guard state.ports.count == SandboxListener.allCases.count else { return }
            state.outcome = state.outcome ?? .success(SandboxAddresses(host: host, ports: state.ports))
        }
    }

    /// Ends all waiting with an error, unless the addresses are known already.
    func failed(_ error: any Error) {
        state.change { $0.outcome = $0.outcome ?? .failure(error) }
    }

    /// Waits until all ports are bound. Throws the error that kept the sandbox from starting, or `CancellationError`.
    func addresses() async throws -> SandboxAddresses {
        try await state.value { $0.outcome }.get()
    }
}
