import Glibc
import Subprocess

/// The service's unit: root's is the machine's, any other user's is their own.
struct SystemdUnit {
    let isOfUser: Bool

    /// Nil if no systemd runs here, or it may not know the unit.
    static func find() -> SystemdUnit? {
        // sd_booted(3): the directory is there if and only if systemd is the init of this machine.
        guard access("/run/systemd/system", F_OK) == 0 else { return nil }
        let isOfUser = geteuid() != 0
        let places =
            isOfUser
            ? ["/usr/lib/systemd/user", "/etc/systemd/user"]
            : ["/usr/lib/systemd/system", "/lib/systemd/system", "/etc/systemd/system"]
        return places.contains { access("\($0)/outtray.service", F_OK) == 0 } ? SystemdUnit(isOfUser: isOfUser) : nil
    }

    var words: String { isOfUser ? "your service outtray" : "the service outtray" }

    /// Starts the unit, and waits until it says that it is ready. Has it start at each boot, or login.
    ///
    /// - Throws: ``SetupFailure``.
    func enableNow() async throws {
        let user = isOfUser ? ["--user"] : []
        let arguments = user + ["--quiet", "enable", "--now", "outtray.service"]
        let words: String
        do {
            let result = try await Subprocess.run(
                .name("systemctl"),
                arguments: Arguments(arguments),
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            if result.terminationStatus.isSuccess { return }
            words = result.standardError.split(separator: "\n").last.map(String.init) ?? "it did not say why"
        } catch {
            words = "\(error)"
        }
        let journal = (["journalctl"] + user + ["-u", "outtray"]).joined(separator: " ")
        throw SetupFailure("systemctl \(arguments.joined(separator: " ")): \(words); \(journal) says more")
    }
}
