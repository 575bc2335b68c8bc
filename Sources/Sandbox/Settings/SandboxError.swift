/// Why a sandbox could not start.
package struct SandboxError: Error, Equatable, CustomStringConvertible {
    /// The kinds of error that a caller may act on.
    package enum Kind: Sendable, Equatable {
        /// Another process listens on that port of that listener.
        case portTaken(SandboxListener, port: Int)
        /// The host is not an address of this machine, or may not be bound.
        case cannotBind(SandboxListener, port: Int)
        /// The directory cannot be made or written.
        case directory
        /// The sandbox ended before it listened.
        case stopped
    }

    package let kind: Kind
    /// For the person who reads it.
    package let reason: String

    package var description: String { reason }
}

/// The three ports of a sandbox.
package enum SandboxListener: String, Sendable, CaseIterable {
    case postbreeze
    case connectSafely = "connectsafely"
    case storage
}
