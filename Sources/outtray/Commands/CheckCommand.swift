import ArgumentParser
import Foundation
import Pipeline
import Providers

/// `outtray check`: is the configuration as it must be?
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration: each line is ok, or says what to do.",
        discussion: """
            Looks at the file, the keys, the folders and the places of the manifest, as `outtray run` does before it \
            starts; nothing is sent.

            With --repair it looks at the ledger instead, whole, with the service stopped. One that is damaged or \
            missing is rebuilt from the manifest's journal and snapshot; the damaged one is kept beside it as \
            outtray.db.damaged-TIME. What is up stays up and known; uploads under way start over. One that is older \
            than the manifest, as a copy that was put back, takes up what the manifest knows.

            Exit codes: 0 all is well, or is now; 75 a folder is not there, is closed to this user or does not answer, \
            a hook's command cannot be started, or another outtray works with the state directory; 77 no permission; 78 something is wrong.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Look at the ledger, and mend it from the manifest if it is damaged, missing or old.")
    var repair = false

    func run() throws {
        if repair {
            return try Repair(configuration: options.file.read()).run(at: .now()) { Console.print($0) }
        }
        let configuration = try options.file.read()
        let checks = options.file.look(at: configuration)
        let keys = try checks.run(file: options.file.path, needsFolders: true, needsSocket: true)
        Console.print("ok  \(options.file.path)")
        Console.print("ok  state in \(printablePath(configuration.stateDirectory))")
        Console.print("ok  ledger \(try Workplace.ledgerState(configuration))")
        Console.print(
            "ok  manifest \(printablePath(configuration.manifest.path)), "
                + "journal \(printablePath(configuration.manifest.journal))"
        )
        for account in configuration.accounts {
            let rate = account.rate.map(\.description).joined(separator: ", ")
            let connection = account.settings.connection
            let hosts = connection.uploadHosts.map(\.description).joined(separator: ", ")
            Console.print(
                "ok  account \(account.name): \(account.provider.rawValue) at \(connection.baseURL), "
                    + "\(account.concurrency) files at a time, \(rate)\(hosts.isEmpty ? "" : ", bytes to \(hosts) alone")"
            )
        }
        for change in try Workplace.accountChanges(configuration, keys: keys) { Console.print("ok  \(change)") }
        let hindrances = Dictionary(checks.hindrances.map { ($0.folder, $0) }) { first, _ in first }
        for folder in configuration.folders {
            if let hindrance = hindrances[folder.name] {
                Console.print("no  folder \(folder.name): \(printable(hindrance.words))")
            } else {
                let leaving = DepartureOutlook(folder).words
                Console.print(
                    "ok  folder \(folder.name): \(printablePath(folder.path)) to account \(folder.account)\(leaving)"
                )
            }
        }
        let hooks = configuration.hooks.map { (name: $0.name, outlook: HookOutlook($0)) }
        for (name, outlook) in hooks {
            let trouble = outlook.trouble
            Console.print(
                "\(trouble == nil ? "ok" : "no")  hook \(printable(name)): \(printable(trouble ?? outlook.words))"
            )
        }
        guard hindrances.isEmpty, hooks.allSatisfy({ $0.outlook.trouble == nil }) else { throw ExitStatus.tryAgain }
    }
}
