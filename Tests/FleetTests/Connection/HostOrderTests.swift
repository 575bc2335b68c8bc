import Testing

@testable import Fleet

/// Which of several servers is tried first.
struct HostOrderTests {
    @Test func `after a silent server the next one is first, and each has its turn`() {
        var order = HostOrder()
        let settings = ["host": "a,b,c", "hostaddr": "1,,3", "port": "5432", "dbname": "x"]

        order.passOver(settings)
        #expect(order.options == ["host": "b,c,a", "hostaddr": ",3,1"])
        order.passOver(settings.merging(order.options) { $1 })
        #expect(order.options["host"] == "c,a,b")
        order.passOver(settings.merging(order.options) { $1 })
        #expect(order.options["host"] == "a,b,c")
    }

    @Test func `one server stays`() {
        var order = HostOrder()

        order.passOver(["host": "a", "port": "5432"])

        #expect(order.options.isEmpty)
    }
}
