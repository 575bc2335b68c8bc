import Control
import Glibc
import Pipeline
import SystemPackage

// The TCP listener: its address, and its certificate. Its files were read already.

extension Doctor {
    /// How long a certificate should still hold. Who renews it by hand needs some days.
    private static let notice = 14

    var listener: [Finding] {
        guard let listen else { return [] }
        let parts = ServedPart.allCases.filter(listen.serves.contains).map(\.rawValue).joined(separator: ", ")
        var words = "\(listen.address) serves \(parts), \(listen.token == nil ? "without a token" : "with a token")"
        var trouble: (reason: String, fix: String)?
        if let certificate = listen.certificate {
            let left = Self.days(from: now, to: certificate.expiry)
            let day = certificate.expiry.iso8601.prefix(10)
            words += left < 0 ? ", TLS" : ", TLS until \(day), for \(left) \(left == 1 ? "day" : "days")"
            if left < Self.notice {
                trouble = (
                    left < 0 ? "the certificate has expired on \(day)" : "the certificate expires soon",
                    "renew the certificate, then: outtray reload"
                )
            }
        }
        if served?.contains(listen.address.description) == true {
            words += "; the running service listens there"
        } else if let error = PortProbe.trouble(at: listen.address) {
            if error == .addressInUse, served == nil, let holder = StateLock.holder(of: configuration.stateDirectory) {
                words += "; process \(holder) may be the one that listens there"
            } else {
                let bind = BindTrouble(error, listen.address)
                trouble = (bind.reason, bind.fix)
            }
        }
        guard let trouble else { return [Finding(name: .listen, message: words)] }
        return [
            Finding(name: .listen, verdict: .weak, message: "\(words): \(trouble.reason)", fix: trouble.fix)
        ]
    }

    /// Whole days; negative once the end has come.
    static func days(from now: Timestamp, to end: Timestamp) -> Int64 {
        let left = end.milliseconds - now.milliseconds
        return left < 0 ? -1 : left / 86_400_000
    }
}

/// Whether an address could be listened at now.
enum PortProbe {
    /// Why not; nil if it could. The address is taken for a moment, and nobody can connect to it.
    static func trouble(at address: ListenAddress) -> Errno? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, "\(address.port)", &hints, &found) == 0, let place = found else {
            return .addressNotAvailable
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(
            place.pointee.ai_family,
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { return Errno(rawValue: errno) }
        defer { close(descriptor) }
        // As the listener does it: connections that ended a moment ago do not count.
        var yes: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard bind(descriptor, place.pointee.ai_addr, place.pointee.ai_addrlen) == 0 else {
            return Errno(rawValue: errno)
        }
        return nil
    }
}
