import Foundation
import Glibc
import Sandbox
import SystemPackage

/// The demo's directory: two folders to drop files in, the sandbox's storage, keys, configuration, state.
struct DemoPlace: Sendable {
    let root: FilePath

    /// Makes the directory. A directory named by the user must be empty or missing.
    init(_ given: PathArgument?) throws {
        if let given {
            root = given.absolute
            try Workplace.create(root, mode: 0o755)
            let content = try FileManager.default.contentsOfDirectory(atPath: root.string)
            guard content.isEmpty else {
                throw WorkplaceError.unusable("\(root) is not empty: choose another --directory")
            }
        } else {
            var template = Array("/tmp/outtray-demo-XXXXXX".utf8CString)
            guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) else {
                throw WorkplaceError.unusable("no directory can be made in /tmp: \(Errno(rawValue: errno))")
            }
            root = FilePath(platformString: made)
        }
    }

    var sandbox: FilePath { root.appending("sandbox") }
    var configuration: FilePath { root.appending("outtray.yaml") }

    /// Where files for an account are dropped.
    func inbox(_ account: String) -> FilePath { root.appending("inbox").appending(account) }

    /// Makes folders, keys and the configuration file, as a user would write it.
    func furnish(_ addresses: SandboxAddresses) throws {
        for account in ["postbreeze", "linkedin"] { try Workplace.create(inbox(account), mode: 0o755) }
        try write("pb_live_sandbox\n", to: root.appending("postbreeze.key"), mode: 0o600)
        try write("cs_sandbox\n", to: root.appending("linkedin.key"), mode: 0o600)
        try write(text(addresses), to: configuration, mode: 0o644)
    }

    private func text(_ addresses: SandboxAddresses) -> String {
        """
        # Written by `outtray demo`. The addresses are the sandbox's, which ends with the demo.
        state_dir: \(root)/state
        manifest:
          path: \(root)/manifest.json
          interval: 250ms
        accounts:
          postbreeze:
            provider: postbreeze
            base_url: \(addresses.postbreeze)
            api_key_file: \(root)/postbreeze.key
          linkedin:
            provider: connectsafely
            base_url: \(addresses.connectSafely)
            api_key_file: \(root)/linkedin.key
            account_id: demo
        folders:
          postbreeze:
            path: \(inbox("postbreeze"))
            account: postbreeze
            settle: 500ms
            accept_drops: true
          linkedin:
            path: \(inbox("linkedin"))
            account: linkedin
            settle: 500ms
            accept_drops: true

        """
    }

    private func write(_ text: String, to path: FilePath, mode: CInt) throws {
        let permissions = FilePermissions(rawValue: mode_t(mode))
        let file = try FileDescriptor.open(path, .writeOnly, options: [.create, .truncate], permissions: permissions)
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
}
