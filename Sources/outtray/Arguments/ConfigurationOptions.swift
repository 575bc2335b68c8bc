import ArgumentParser
import Foundation

/// `--config`, for every command that needs a configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The configuration file.",
            discussion: "Default: /etc/outtray/outtray.yaml, else ~/.config/outtray/outtray.yaml.",
            valueName: "file"
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var config: String?

    var file: ConfigurationFile { ConfigurationFile(given: config, environment: ProcessInfo.processInfo.environment) }
}
