import SystemPackage
import Testing

@testable import outtray

/// What `outtray check --unit` tells beside the answers to needs.
@Suite struct UnitReportTests {
    @Test func `a check of another configuration than the service's says so`() {
        func doubt(_ path: FilePath, _ command: String) -> Finding? {
            UnitReport.doubt(about: path, .of("ExecStart=\(command)")) { $0 == "/link.yaml" ? "/srv/o.yaml" : $0 }
        }

        #expect(doubt("/etc/outtray/outtray.yaml", "outtray run") == nil)
        #expect(doubt("/srv/o.yaml", "outtray run --config /srv/o.yaml") == nil)
        #expect(doubt("/link.yaml", "outtray run --config /srv/o.yaml") == nil)
        let other = doubt("/etc/outtray/outtray.yaml", "outtray run --config /srv/o.yaml")
        #expect(other?.verdict == .weak && other?.message.hasPrefix("the service reads /srv/o.yaml") == true)
        #expect(doubt("/srv/o.yaml", "outtray run")?.fix?.hasSuffix("--config /etc/outtray/outtray.yaml") == true)
        // A unit whose files cannot be read does not tell.
        #expect(UnitReport.doubt(about: "/srv/o.yaml", UnitSettings()) { $0 } == nil)
    }
}
