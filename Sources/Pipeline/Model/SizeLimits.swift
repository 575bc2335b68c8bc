/// The largest file of each kind; a kind that is not named has no cap.
package struct SizeLimits: Hashable, Sendable {
    private var caps: [MediaKind: ByteCount]

    package init(_ caps: [MediaKind: ByteCount] = [:]) {
        self.caps = caps
    }

    package subscript(kind: MediaKind) -> ByteCount? {
        get { caps[kind] }
        set { caps[kind] = newValue }
    }

    /// The other's caps where it names any: an account's settings over its provider's defaults.
    package func overridden(by other: SizeLimits) -> SizeLimits {
        SizeLimits(caps.merging(other.caps) { $1 })
    }

    /// The lower cap of both, kind by kind: a folder can lower what its account allows, never raise it.
    package func lowered(by other: SizeLimits) -> SizeLimits {
        SizeLimits(caps.merging(other.caps) { min($0, $1) })
    }
}
