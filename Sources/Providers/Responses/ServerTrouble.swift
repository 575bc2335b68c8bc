/// Tells which 5xx may pass by itself. It goes by the status alone.
///
/// Source: RFC 9110 (501, 505), RFC 2295 (506), RFC 5842 (508), RFC 2774 (510).
enum ServerTrouble {
    /// The statuses of a server that does not support the request. It will say the same tomorrow.
    private static let lasting: Set<Int> = [501, 505, 506, 508, 510]

    /// Says a network that one has to sign in first? Then a portal answers. Source: RFC 6585, section 6.
    static func isOfPortal(_ status: Int) -> Bool { status == 511 }

    /// Is it a 5xx that may pass by itself?
    static func mayPass(_ status: Int) -> Bool {
        status >= 500 && !lasting.contains(status) && !isOfPortal(status)
    }
}
