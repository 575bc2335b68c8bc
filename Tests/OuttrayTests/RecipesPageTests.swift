import Foundation
import Testing
import Yams

@testable import outtray

/// `docs/recipes.md` and the files that it quotes.
@Suite struct RecipesPageTests {
    private static let tree = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
    private static let recipes = tree.appending(path: "etc/examples/recipes")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: tree.appending(path: path), encoding: .utf8)
    }

    private static func names(_ suffix: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: recipes.path).filter { $0.hasSuffix(suffix) }.sorted()
    }

    @Test func `each recipe is quoted whole and as it is, and each quoted block is a recipe or a call of one`() throws {
        var blocks = try Self.blocks(of: Self.text("docs/recipes.md"))
        let page = try Self.text("docs/recipes.md")

        #expect(try Self.names().count > 10)
        for name in try Self.names() {
            let text = try Self.text("etc/examples/recipes/\(name)")
            let place = blocks.firstIndex(of: text)
            #expect(place != nil, "docs/recipes.md does not quote \(name) as it is")
            #expect(page.contains("](../etc/examples/recipes/\(name))"), "docs/recipes.md does not name \(name)")
            if let place { blocks.remove(at: place) }
        }
        #expect(blocks.allSatisfy { $0.split(separator: "\n").count == 1 }, "\(blocks)")
    }

    @Test func `each link of the page leads to a file or a heading`() throws {
        let page = try Self.text("docs/recipes.md")
        for match in page.matches(of: /\]\(([^)#]*)(#[^)]*)?\)/) where !match.1.hasPrefix("http") {
            let file = match.1.isEmpty ? "docs/recipes.md" : "docs/\(match.1)"
            let target = Self.tree.appending(path: file).standardized
            #expect(FileManager.default.fileExists(atPath: target.path), "\(match.0)")
            guard let anchor = match.2, file.hasSuffix(".md") else { continue }
            let headings = try String(contentsOf: target, encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("#") }.map(Self.anchor)
            #expect(headings.contains(String(anchor)), "\(match.0)")
        }
    }

    @Test func `each configuration is one that the service takes`() throws {
        let names = try Self.names(".yaml").filter { $0 != "compose.yaml" }
        #expect(names.count == 4)
        for name in names {
            let configuration = try Configuration.read(
                Self.text("etc/examples/recipes/\(name)"),
                file: name,
                environment: ["HOME": "/home/ada"]
            )
            #expect(configuration.folders.count == 1, "\(name)")
        }
    }

    @Test func `the Compose file fits the image`() throws {
        let compose = try #require(
            try Yams.load(yaml: Self.text("etc/examples/recipes/compose.yaml")) as? [String: Any]
        )
        let image = try Self.text("packaging/docker/Dockerfile").replacing("\\\n", with: " ")
        let services = try #require(compose["services"] as? [String: [String: Any]])
        let service = try #require(services["outtray"])
        let known: Set = [
            "image", "user", "volumes", "environment", "restart", "stop_grace_period", "healthcheck",
        ]

        #expect(Set(compose.keys) == ["services"])
        #expect(Set(service.keys) == known)
        #expect(service["image"] as? String == "outtray")
        #expect((service["user"] as? String)?.wholeMatch(of: /\d+:\d+/) != nil)
        // The image's own ENTRYPOINT and CMD start the service.
        #expect(image.contains("ENTRYPOINT [\"/usr/bin/outtray\"]\nCMD [\"run\"]"))

        let listed = try #require(service["volumes"] as? [String])
        let mounts = listed.map { $0.split(separator: ":").map(String.init) }
        let targets = Set(mounts.map { $0[1] })
        let declared = try #require(image.firstMatch(of: /\nVOLUME (\[.*\])\n/))
        let volumes = try JSONDecoder().decode([String].self, from: Data(declared.1.utf8))
        #expect(targets.isSuperset(of: volumes), "a volume of the image is not kept: \(volumes), \(targets)")
        #expect(mounts.first { $0[1] == "/etc/outtray" }?.last == "ro")

        // What its configuration names lies in what is mounted.
        let yaml = try Self.text("etc/examples/recipes/compose-outtray.yaml")
        for path in yaml.matches(of: /: (\/\S+)/).map({ String($0.1) }) {
            #expect(targets.contains { path == $0 || path.hasPrefix($0 + "/") }, "\(path) is not mounted")
        }

        let health = try #require(service["healthcheck"] as? [String: Any])
        let test = try #require(health["test"] as? [String])
        let check = try #require(image.firstMatch(of: /\nHEALTHCHECK (.*?) CMD (\[.*\])\n/))
        let command = try JSONDecoder().decode([String].self, from: Data(check.2.utf8))
        #expect(test == ["CMD"] + command)
        for (option, key) in [("timeout", "timeout"), ("start-period", "start_period"), ("retries", "retries")] {
            #expect(check.1.contains("--\(option)=\(health[key] ?? "nothing")"), "\(key)")
        }
        // The image says how long a stop may take: docker stop --time 30.
        #expect(image.contains("docker stop --time 30\n") && service["stop_grace_period"] as? String == "30s")
    }

    /// The page's blocks of code, without their fences.
    private static func blocks(of page: String) -> [String] {
        page.matches(of: /(?m)^```\w+\n((?s:.*?))^```$/).map { String($0.1) }
    }

    /// The anchor that a heading gets: small letters, digits and hyphens.
    private static func anchor(of heading: Substring) -> String {
        let words = heading.drop { $0 == "#" || $0 == " " }.lowercased()
        return "#" + words.replacing(" ", with: "-").filter { $0.isLetter || $0.isNumber || "-_".contains($0) }
    }
}
