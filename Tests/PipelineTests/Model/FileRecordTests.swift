import SystemPackage
import Testing
import Watch

@testable import Pipeline

struct FileRecordTests {
    @Test(arguments: FileState.allCases)
    func `what a file waits for is never nothing`(state: FileState) {
        func record(_ reason: String) -> FileRecord {
            FileRecord(
                path: "/in/a.jpg",
                folder: "inbox",
                account: "main",
                state: state,
                reason: reason,
                version: FileVersion(device: 1, inode: 2, size: 3, modified: 4, changed: 5),
                attempts: 0,
                due: nil,
                updatedAt: Timestamp(milliseconds: 0)
            )
        }

        #expect(record("").words.hasPrefix("it "))
        #expect(record("the storage answered 503").words == "the storage answered 503")
    }
}
