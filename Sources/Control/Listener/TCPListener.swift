import HummingbirdCore
import Logging
import NIOCore
import Pipeline
import ServiceLifecycle
import SystemPackage
import Threads

/// Serves a part of the API at a TCP address, while the configuration asks for it.
///
/// Uploads matter more. An address that cannot be had ends nothing. The status tells of it, and it is tried again.
///
/// Another plan ends the connections of the old one. So nobody goes on under the old rules.
package final class TCPListener: Sendable {
    private struct State {
        var plan: ListenPlan?
        /// Where it listens now; nil while it does not.
        var bound: ListenAddress?
        var trouble: BindTrouble?
        var since: Timestamp?
    }

    private let limits: ServerLimits
    private let sessions: PageSessions
    private let pause: Duration
    private let logger: Logger
    private let state = Monitor(State())

    /// `pause` is between two tries to have the address.
    package init(
        _ sessions: PageSessions,
        limits: ServerLimits = .listener,
        pause: Duration = .seconds(10),
        logger: Logger
    ) {
        self.sessions = sessions
        self.limits = limits
        self.pause = pause
        self.logger = logger
    }

    /// Puts a plan in force. Nil: nothing is to listen.
    package func take(_ plan: ListenPlan?) {
        state.change { if $0.plan != plan { $0 = State(plan: plan) } }
    }

    /// Serves the page at `address` until another plan is taken. Does nothing if the page is served already.
    ///
    /// Returns once it listens or cannot, or after `patience`. Returns the other address if something else is served
    /// there: other machines may reach it, and nobody asked for the page at that place.
    package func servePage(at address: ListenAddress, within patience: Duration = .seconds(5)) async -> ListenAddress? {
        let other = state.change { state -> ListenAddress? in
            if let plan = state.plan { return plan.serves.contains(.page) ? nil : plan.address }
            state = State(plan: ListenPlan(address: address, serves: [.page]))
            return nil
        }
        if let other { return other }
        await withTaskGroup(of: Void.self) { [state] group in
            group.addTask { try? await state.wait { $0.bound != nil || $0.trouble != nil } }
            group.addTask { try? await rest(for: patience) }
            await group.next()
            group.cancelAll()
        }
        return nil
    }

    /// How it stands with the listener; nil if none is asked for.
    package var condition: ListenerCondition? {
        let state = state.read { $0 }
        return state.plan.map { plan in
            ListenerCondition(
                address: (state.bound ?? plan.address).description,
                serves: ServedPart.allCases.filter(plan.serves.contains),
                isOpen: state.bound != nil,
                isSecure: plan.certificate != nil,
                trouble: state.trouble,
                since: state.since
            )
        }
    }

    /// Waits until it listens by the present plan. Returns the address, with the port that the kernel chose.
    func opened() async throws -> ListenAddress { try await state.value { $0.bound } }

    /// Serves endpoints of `router`, until graceful shutdown or until the task is cancelled.
    package func run(_ router: ControlRouter) async {
        while !isOver {
            guard let plan = state.read({ $0.plan }) else {
                await waitForAnotherPlan(than: nil)
                continue
            }
            let failure = await serve(plan, router)
            state.change { if $0.plan == plan { $0.bound = nil } }
            if isOver { return }
            guard state.read({ $0.plan }) == plan else {
                logger.notice("not listening any more", metadata: ["address": "\(plan.address)"])
                continue
            }
            note(failure, of: plan)
            await waitForAnotherPlan(than: plan, within: pause)
        }
    }

    private var isOver: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    private func waitForAnotherPlan(than plan: ListenPlan?, within time: Duration? = nil) async {
        try? await cancelWhenGracefulShutdown { [state] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await state.wait { $0.plan != plan } }
                if let time { group.addTask { try await rest(for: time) } }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }

    /// Listens once: until another plan comes, or all ends. Returns the failure, if it was one that ended it.
    private func serve(_ plan: ListenPlan, _ router: ControlRouter) async -> (any Error)? {
        let http = ControlHTTP(
            router: router.serving(plan.serves),
            gate: ListenerGuard(plan, sessions),
            limits: limits,
            logger: logger
        )
        let listening = Listening { [self] in
            let address = BindAddress.hostname(plan.address.host, port: plan.address.port)
            try await http.listen(at: address, tls: plan.certificate?.configuration) { self.open(plan, at: $0) }
        }
        let group = ServiceGroup(serving: listening, logger: logger)
        return await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { [state] in
                guard (try? await state.wait { $0.plan != plan }) != nil else { return }
                await group.triggerGracefulShutdown()
            }
            defer { tasks.cancelAll() }
            do {
                try await group.run()
                return nil
            } catch {
                return error
            }
        }
    }

    private func open(_ plan: ListenPlan, at address: SocketAddress?) {
        let bound = ListenAddress(host: plan.address.host, port: address?.port ?? plan.address.port)
        let isInForce = state.change { state in
            guard state.plan == plan else { return false }
            (state.bound, state.trouble, state.since) = (bound, nil, nil)
            return true
        }
        guard isInForce else { return }
        let parts = ServedPart.allCases.filter(plan.serves.contains).map(\.rawValue).joined(separator: ", ")
        logger.notice("listening", metadata: ["address": "\(bound ?? plan.address)", "serves": "\(parts)"])
    }

    /// Notes why nothing listens. One cause is told once.
    private func note(_ failure: (any Error)?, of plan: ListenPlan) {
        let trouble =
            switch failure {
            case let error as IOError: BindTrouble(Errno(rawValue: error.errnoCode), plan.address)
            case let error?: BindTrouble(error, plan.address)
            case nil: BindTrouble(ListenerEnded(), plan.address)
            }
        let isNew = state.change { state in
            guard state.plan == plan, state.trouble != trouble else { return false }
            (state.trouble, state.since) = (trouble, state.since ?? .now())
            return true
        }
        guard isNew else { return }
        logger.warning(
            "not listening, it is tried again",
            metadata: ["reason": "\(trouble.reason)", "fix": "\(trouble.fix)", "every": "\(pause)"]
        )
    }

    private struct Listening: Service {
        let listen: @Sendable () async throws -> Void

        func run() async throws { try await listen() }
    }

    /// The listening socket ended without a reason.
    private struct ListenerEnded: Error, CustomStringConvertible {
        let description = "it ended by itself"
    }
}

/// How it stands with the TCP listener that the configuration asks for.
package struct ListenerCondition: Sendable, Equatable {
    package let address: String
    package let serves: [ServedPart]
    package let isOpen: Bool
    /// Whether connections are encrypted.
    package let isSecure: Bool
    /// Why it does not listen; nil while it does, or before the first try.
    package let trouble: BindTrouble?
    /// Since when there is trouble.
    package let since: Timestamp?

    package init(
        address: String,
        serves: [ServedPart],
        isOpen: Bool,
        isSecure: Bool = false,
        trouble: BindTrouble?,
        since: Timestamp?
    ) {
        self.address = address
        self.serves = serves
        self.isOpen = isOpen
        self.isSecure = isSecure
        self.trouble = trouble
        self.since = since
    }
}
