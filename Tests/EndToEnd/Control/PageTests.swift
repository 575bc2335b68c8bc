import Foundation
import SystemPackage
import TestSupport
import Testing

extension EndToEnd {
    /// The page of the built binary, as far as no browser is needed. `packaging/page-test` has the rest.
    struct PageTests {
        @Test(.timeLimit(.minutes(5)))
        func `the page is served for once without the configuration, until that is read again`() async throws {
            try await withBench { bench in
                let options = "--config \(bench.path("outtray.yaml"))"
                // The port is fixed, so the service gets a network of its own.
                let script = """
                    outtray run \(options) 2>\(bench.path("run.log")) &
                    for turn in $(seq 400); do
                        outtray page \(options) >/dev/null 2>&1; code=$?
                        [[ $code == 64 ]] && break
                        sleep 0.1
                    done
                    echo "before $code"
                    link=$(outtray page \(options) --listen --read-only)
                    echo "link ${link%%=*}="
                    curl -s http://127.0.0.1:8385/ | head -n 1
                    curl -s -o /dev/null -w 'files %{http_code}\\n' http://127.0.0.1:8385/api/v1/files
                    curl -s -o /dev/null -w 'metrics %{http_code}\\n' http://127.0.0.1:8385/metrics
                    outtray page \(options) --listen >/dev/null && echo again
                    outtray reload \(options) >/dev/null
                    for turn in $(seq 100); do
                        curl -s -o /dev/null http://127.0.0.1:8385/ || break
                        sleep 0.1
                    done
                    curl -s -o /dev/null http://127.0.0.1:8385/; echo "after $?"
                    outtray page \(options) >/dev/null 2>&1; echo "page $?"
                    kill %1; wait
                    """
                let ending = try await BuiltBinary.run(script: script, isolated: true)
                #expect(
                    ending.lines == [
                        "before 64", "link http://127.0.0.1:8385/#k=", "<!doctype html>", "files 401", "metrics 404",
                        "again", "after 7", "page 64",
                    ],
                    "\(ending)"
                )
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `the demo waits for whoever opens its page, and shows what comes`() async throws {
            let root = try temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: root.string) }
            let script = """
                cd \(root)
                outtray demo --page --directory \(root)/demo >log 2>&1 &
                for turn in $(seq 200); do
                    link=$(grep -o 'http://127[^ ]*#k=.*' log) && break
                    sleep 0.1
                done
                page=${link%%#*}
                ls -A demo/inbox/postbreeze | wc -l
                own=(-s -H 'Sec-Fetch-Site: same-origin')
                curl "${own[@]}" -c jar -H 'Content-Type: application/json' -d "{\\"key\\":\\"${link##*=}\\"}" \
                ${page}api/v1/page/login
                for turn in $(seq 300); do
                    curl "${own[@]}" -b jar ${page}api/v1/files?state=uploaded | grep -q photo.jpg && echo seen && break
                    sleep 0.1
                done
                printf '%%PDF-1.4\\n%%%%EOF\\n' >mine.pdf
                curl "${own[@]}" -b jar -T mine.pdf -H 'Content-Type: application/octet-stream' -o answer -w 'put %{http_code}\\n' \
                "${page}api/v1/folders/postbreeze/files?name=mine.pdf"
                kill %1; wait %1; echo "code $?"
                """
            let ending = try await BuiltBinary.run(script: script)
            #expect(ending.lines == ["0", #"{"loggedIn":true}"#, "seen", "put 201", "code 0"], "\(ending)")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: root.string + "/demo/inbox/postbreeze").contains(
                    "mine.pdf"
                )
            )
        }
    }
}
