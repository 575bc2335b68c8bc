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

            Exit codes: 0 all is well, 78 something is wrong.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        let (configuration, _) = try options.file.readAndCheck()
        Console.print("ok  \(options.file.path)")
        Console.print("ok  state in \(configuration.stateDirectory)")
        Console.print("ok  manifest \(configuration.manifest.path), journal \(configuration.manifest.journal)")
        for account in configuration.accounts {
            let rate = account.rate.map(\.description).joined(separator: ", ")
            let hosts = account.uploadHosts.map(\.description).joined(separator: ", ")
            Console.print(
                "ok  account \(account.name): \(account.provider.rawValue) at \(account.baseURL), "
                    + "\(account.concurrency) files at a time, \(rate)\(hosts.isEmpty ? "" : ", bytes to \(hosts) alone")"
            )
        }
        for folder in configuration.folders {
            Console.print("ok  folder \(folder.name): \(folder.path) to account \(folder.account)")
        }
        if configuration.folders.isEmpty {
            throw ConfigurationError(
                file: options.file.path,
                problems: [.init(key: "folders", reason: "no folder is named")]
            )
        }
    }
}
