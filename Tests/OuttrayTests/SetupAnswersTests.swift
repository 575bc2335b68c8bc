import Pipeline
import Providers
import SystemPackage
import Testing

@testable import outtray

@Suite struct SetupAnswersTests {
    private func answers(_ provider: AccountProvider = .known(.postbreeze), folder: FilePath) -> SetupAnswers {
        SetupAnswers(
            provider: provider,
            account: SetupAnswers.account(of: provider),
            key: provider == .sandbox ? nil : Secret("pb_live_secret"),
            folder: folder
        )
    }

    private func read(_ answers: SetupAnswers) throws -> Configuration {
        let text = answers.yaml(keyFile: "/etc/outtray/a key.key")
        #expect(!text.contains("secret"))
        return try Configuration.read(text, file: "o.yaml", environment: ["HOME": "/h"])
    }

    @Test(arguments: [
        "/srv/inbox", "/srv/a b", "/srv/#1: \"x\"", "/srv/caf\u{e9}", "/srv/*&!%@`", "/srv/{a}[b]",
        "/srv/tab\tand\\slash",
        "/srv/\u{1F4F7}", "/", "/srv/true", "/srv/'", "/home/ada/Outtray",
    ])
    func `whatever the folder's path, the configuration means it`(path: FilePath) throws {
        let configuration = try read(answers(folder: path))
        #expect(configuration.folders.map(\.path) == [path])
        #expect(configuration.folders.map(\.account) == ["main"])
        #expect(configuration.accounts.map(\.name) == ["main"])
    }

    @Test(arguments: AccountProvider.allCases)
    func `the configuration is a whole one for each provider`(provider: AccountProvider) throws {
        var answers = answers(provider, folder: "/srv/inbox")
        if provider == .known(.connectsafely) {
            answers.settings = [("account_id", "696: #1"), ("company_urn", "urn:li:fsd_company:1")]
        }
        answers.stateDirectory = "/var/lib/outtray"
        let configuration = try read(answers)
        #expect(configuration.accounts.map(\.provider) == [provider])
        #expect(configuration.stateDirectory == "/var/lib/outtray")
    }

    @Test(
        arguments: [
            ("/srv/inbox", "inbox"), ("/srv/My Photos", "my-photos"), ("/srv/\u{e9}t\u{e9}", "t-"), ("/", "inbox"),
            ("/srv/\u{1F4F7}", "inbox"), ("/srv/2026", "2026"),
        ] as [(FilePath, String)]
    )
    func `a folder is named by its directory`(path: FilePath, name: String) throws {
        let answers = answers(folder: path)
        #expect(answers.folderName == name)
        #expect(try read(answers).folders.map(\.name) == [name])
    }

    @Test(arguments: [
        ("pb_live_1", true), (" pb_live_1\n", true), ("", false), ("two words", false), ("k\u{e9}y", false),
        ("a\u{1B}b", false), ("a\nb", false),
    ])
    func `a key is one word of plain characters, and never quoted`(text: String, isGood: Bool) {
        let trouble = SetupAnswers.trouble(withKey: text)
        #expect((trouble == nil) == isGood)
        #expect(trouble.map { text.isEmpty || !$0.contains(text) } ?? true)
    }
}
