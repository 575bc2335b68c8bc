/// The largest file of each kind. A kind that is not named has no cap.
package struct SizeLimits: Hashable, Sendable {
    private var caps: [MediaKind: ByteCount]

    package init(_ caps: [MediaKind: ByteCount] = [:]) {
        self.caps = caps
    }

    package subscript(kind: MediaKind) -> ByteCount? {
        get { caps[kind] }
        set { caps[kind] = newValue }
    }

    /// The caps of `other`, and these for kinds that `other` does not name. So an account's settings override its
    /// provider's defaults.
    package func overridden(by other: SizeLimits) -> SizeLimits {
        SizeLimits(caps.merging(other.caps) { $1 })
    }

    /// The lower cap of both for each kind. A folder can lower its account's caps, never raise them.
    package func lowered(by other: SizeLimits) -> SizeLimits {
        SizeLimits(caps.merging(other.caps) { min($0, $1) })
    }
}
