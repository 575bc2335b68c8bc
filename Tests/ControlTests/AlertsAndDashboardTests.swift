import Foundation
import Testing

@testable import Control

/// `etc/prometheus` and `etc/grafana` name metrics that exist, and labels and values that these have.
@Suite struct AlertsAndDashboardTests {
    private func text(_ name: String) throws -> String {
        let etc = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../etc")
        return try String(contentsOf: etc.appending(path: name), encoding: .utf8)
    }

    /// The families that a text names. A histogram's series have endings of their own.
    private func families(in text: String) -> Set<String> {
        let names = text.matches(of: /(outtray|process)_[a-z_]+[a-z]/).map { String($0.output.0) }
        return Set(
            names.map { name in
                guard let ending = ["_bucket", "_sum", "_count"].first(where: name.hasSuffix) else { return name }
                let family = String(name.dropLast(ending.count))
                return MetricFamily.all.contains { $0.name == family } ? family : name
            }
        )
    }

    @Test(arguments: ["prometheus/outtray.rules.yml", "grafana/outtray.json"])
    func `they name metrics that exist`(file: String) throws {
        let named = families(in: try text(file))
        let known = Set(MetricFamily.all.map(\.name))

        #expect(named.count > 4)
        #expect(named.subtracting(known) == [])
    }

    @Test func `each panel of the dashboard has a title, a question and a place of its own`() throws {
        let object = try JSONSerialization.jsonObject(with: Data(try text("grafana/outtray.json").utf8))
        let dashboard = try #require(object as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        var taken: Set<[Int]> = []
        for panel in panels {
            let title = try #require(panel["title"] as? String)
            let targets = try #require(panel["targets"] as? [[String: Any]])
            #expect(
                !targets.isEmpty && targets.allSatisfy { ($0["expr"] as? String)?.contains("$instance") == true },
                "\(title)"
            )
            let place = try #require(panel["gridPos"] as? [String: Int])
            let (x, y, width, height) = try (
                #require(place["x"]), #require(place["y"]), #require(place["w"]), #require(place["h"])
            )
            #expect(x + width <= 24, "\(title)")
            for column in x..<x + width {
                for row in y..<y + height { #expect(taken.insert([column, row]).inserted, "\(title)") }
            }
        }
        #expect(panels.count > 15)
    }
}
