import Foundation
import Sandbox
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// `GET /metrics` of the running service.
    struct MetricsTests {
        /// The value of one series; nil if it does not show.
        private func value(_ series: String, in text: String) -> Double? {
            text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(series + " ") }
                .flatMap { Double($0.dropFirst(series.count + 1)) }
        }

        private func metrics(_ bench: Bench) async throws -> String {
            let answer = try await asked(bench.state.appending("control.sock"), "/metrics")
            #expect(answer.contains("text/plain; version=0.0.4"))
            return answer.range(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
        }

        @Test(.timeLimit(.minutes(5)))
        func `what happened to files shows, and promtool finds no fault`() async throws {
            try await withBench([.init(), .init(name: "linkedin", account: "linkedin")]) { bench in
                try await bench.withDaemon { _ in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await bench.waitForEntry("inbox/a.jpg")
                    try bench.write(Media.jpeg(1), to: "inbox/again.jpg")
                    try bench.write(Media.mp4(bytes: 9_000_000), to: "linkedin/b.mp4")
                    try bench.write(Array("text".utf8), to: "inbox/c.txt")
                    for name in ["inbox/again.jpg", "linkedin/b.mp4"] { try await bench.waitForEntry(name) }
                    _ = try await bench.waitForRejection("inbox/c.txt")
                    let reused = #"outtray_uploads_total{account="main",outcome="reused"}"#
                    try await untilSo { try await value(reused, in: metrics(bench)) == 1 }
                    try await untilSo { try await metrics(bench).contains(#"account="linkedin",outcome="uploaded""#) }

                    let text = try await metrics(bench)
                    let size = Double(Media.jpeg(1).count)
                    for (series, expected) in [
                        (#"outtray_uploads_total{account="main",outcome="uploaded"}"#, 1.0),
                        (#"outtray_upload_size_bytes_sum{account="main"}"#, size),
                        (#"outtray_upload_size_bytes_bucket{account="main",le="+Inf"}"#, 1),
                        (#"outtray_upload_duration_seconds_count{account="main"}"#, 1),
                        (#"outtray_sent_bytes_total{account="main"}"#, size),
                        (#"outtray_api_requests_total{account="main",call="ask",code="2xx"}"#, 1),
                        (#"outtray_api_requests_total{account="linkedin",call="finish",code="2xx"}"#, 1),
                        (#"outtray_api_request_duration_seconds_count{account="main",call="ask"}"#, 1),
                        (#"outtray_files{folder="inbox",state="uploaded"}"#, 2),
                        (#"outtray_files{folder="inbox",state="rejected"}"#, 1),
                        (#"outtray_files{folder="linkedin",state="uploaded"}"#, 1),
                        (#"outtray_files{folder="linkedin",state="queued"}"#, 0),
                        (#"outtray_account_blocked{account="main",cause="quota"}"#, 0),
                        (#"outtray_rescans_total{folder="inbox",why="arrival"}"#, 1),
                    ] {
                        #expect(value(series, in: text) == expected, "\(series)")
                    }
                    #expect(value("outtray_manifest_revision", in: text) ?? 0 >= 4)
                    #expect(value("outtray_ledger_bytes", in: text) ?? 0 > 4096)
                    #expect(value("outtray_ledger_commit_duration_seconds_count", in: text) ?? 0 > 3)
                    #expect(value("process_open_fds", in: text) ?? 0 > 3)
                    let began = try #require(value("process_start_time_seconds", in: text))
                    #expect(abs(Date.now.timeIntervalSince1970 - began) < 120)
                    #expect(text.contains(#"outtray_build_info{version=""#))
                    for secret in ["a.jpg", "pb_live", "127.0.0.1", bench.root.string] {
                        #expect(!text.contains(secret))
                    }

                    try bench.write(Array(text.utf8), to: "metrics.txt")
                    let check = try await BuiltBinary.run(
                        script: "promtool check metrics <'\(bench.path("metrics.txt"))'"
                    )
                    #expect(check.code == 0 && check.error.isEmpty && check.output.isEmpty, "\(check)")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `a blocked account shows its cause, and the status of the answer`() async throws {
            try await withBench { bench in
                try bench.writeKey("pb_live_wrong", of: "main")
                try await bench.withDaemon { daemon in
                    try bench.write(Media.jpeg(1), to: "inbox/a.jpg")
                    try await daemon.waitForLog("account blocked")
                    let refused = #"outtray_uploads_total{account="main",outcome="postponed"}"#
                    try await untilSo { try await value(refused, in: metrics(bench)) ?? 0 >= 1 }

                    let text = try await metrics(bench)
                    #expect(value(#"outtray_account_blocked{account="main",cause="key-refused"}"#, in: text) == 1)
                    #expect(value(#"outtray_account_blocked{account="main",cause="quota"}"#, in: text) == 0)
                    let code = #"outtray_api_requests_total{account="main",call="ask",code="401"}"#
                    #expect(value(code, in: text) ?? 0 >= 1, "\(text)")
                }
            }
        }

        /// What each alert fires for and what it does not, as promtool's own test of rules.
        private static let alerts = """
            rule_files: [RULES]
            evaluation_interval: 1m
            tests:
              - interval: 1m
                input_series:
                  - {series: 'outtray_build_info{version="1"}', values: '1x180'}
                  - {series: 'outtray_oldest_waiting_seconds{cause="quota",account="main"}', values: '0+60x180'}
                  - {series: 'outtray_oldest_waiting_seconds{cause="settling",account=""}', values: '0+60x180'}
                  - {series: 'outtray_account_blocked{account="main",cause="quota"}', values: '1x180'}
                  - {series: 'outtray_account_blocked{account="main",cause="rate-limit"}', values: '1x180'}
                  - {series: 'outtray_watched_directories{folder="inbox",how="inotify"}', values: '0x180'}
                  - {series: 'outtray_watched_directories{folder="inbox",how="polling"}', values: '0x180'}
                  - {series: 'outtray_watched_directories{folder="reels",how="polling"}', values: '3x180'}
                  - {series: 'outtray_waiting_files{cause="slot",account="main"}', values: '5x180'}
                  - {series: 'outtray_uploads_total{account="main",outcome="uploaded"}', values: '7x180'}
                  - {series: 'outtray_hook_runs_total{hook="tell",outcome="failed"}', values: '0+1x180'}
                  - {series: 'outtray_hook_runs_total{hook="fine",outcome="delivered"}', values: '0+1x180'}
                promql_expr_test:
                  - eval_time: 50m
                    expr: 'count by (alertname, cause) (ALERTS{alertstate="firing",alertname="OuttrayFileWaits"})'
                    exp_samples: []
                  - eval_time: 80m
                    expr: 'count by (alertname, cause, folder) (ALERTS{alertstate="firing"})'
                    exp_samples:
                      - {labels: '{alertname="OuttrayFileWaits", cause="quota"}', value: 1}
                      - {labels: '{alertname="OuttrayAccountBlocked", cause="quota"}', value: 1}
                      - {labels: '{alertname="OuttrayFolderUnavailable", folder="inbox"}', value: 1}
                      - {labels: '{alertname="OuttrayNothingGoesUp"}', value: 1}
                      - {labels: '{alertname="OuttrayHookFails"}', value: 1}
              - interval: 1m
                input_series:
                  - {series: 'outtray_waiting_files{cause="slot",account="main"}', values: '5x180'}
                  - {series: 'outtray_uploads_total{account="main",outcome="uploaded"}', values: '0+1x180'}
                promql_expr_test:
                  - eval_time: 80m
                    expr: 'count by (alertname) (ALERTS{alertstate="firing"})'
                    exp_samples: [{labels: '{alertname="OuttrayDown"}', value: 1}]

            """

        @Test(.timeLimit(.minutes(5)))
        func `the alerts are sound, fire for what they are for, and for nothing else`() async throws {
            let etc = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../etc")
            let rules = etc.appending(path: "prometheus/outtray.rules.yml").standardizedFileURL.path()
            try await withBench { bench in
                let test = Self.alerts.replacing("RULES", with: rules)
                try bench.write(Array(test.utf8), to: "alerts.yml")
                for script in ["check rules '\(rules)'", "test rules '\(bench.path("alerts.yml"))'"] {
                    let ending = try await BuiltBinary.run(script: "promtool \(script)")
                    #expect(ending.code == 0, "\(ending)")
                }
            }
        }
    }
}
