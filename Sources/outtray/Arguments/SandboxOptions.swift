import ArgumentParser
import FoundationEssentials
import Sandbox

/// Where `outtray sandbox` listens and keeps its files.
struct SandboxPlaceOptions: ParsableArguments {
    @Option(help: "Directory that uploaded files land in; made when it is not there.")
    var directory = "outtray-sandbox"

    @Option(help: "Address to listen on. Anything but this machine lets others read the books and change the weather.")
    var host = "127.0.0.1"

    @Option(help: "Port of Postbreeze's API; 0 takes any free one.")
    var postbreezePort = 4100

    @Option(name: .customLong("connectsafely-port"), help: "Port of ConnectSafely's API; 0 takes any free one.")
    var connectSafelyPort = 4101

    @Option(help: "Port of the storage that upload URLs point to; 0 takes any free one.")
    var storagePort = 4102

    func validate() throws {
        for port in [postbreezePort, connectSafelyPort, storagePort] where !(0...65535).contains(port) {
            throw ValidationError("\(port) is no port; ports are 0 to 65535")
        }
    }

    /// Puts the options into the settings of a sandbox.
    func apply(to settings: inout SandboxConfiguration) {
        settings.host = host
        settings.postbreezePort = postbreezePort
        settings.connectSafelyPort = connectSafelyPort
        settings.storagePort = storagePort
    }
}

/// Keys and limits of `outtray sandbox`.
struct SandboxAccountOptions: ParsableArguments {
    @Option(
        name: .customLong("key"),
        help: ArgumentHelp(
            "A bearer key that both APIs accept; can be repeated. (default: pb_live_sandbox and cs_sandbox)",
            valueName: "key"
        )
    )
    var keys: [String] = []

    @Option(
        name: .customLong("owner"),
        help: ArgumentHelp(
            "Whose account a key is of; can be repeated. (default: each key is of an owner of its own)",
            valueName: "key=owner"
        ),
        transform: { text in
            guard let end = text.lastIndex(of: "="), end != text.startIndex, text.index(after: end) != text.endIndex
            else { throw ValidationError("\(text) is not of the form KEY=OWNER") }
            return (String(text[..<end]), String(text[text.index(after: end)...]))
        }
    )
    var owners: [(String, String)] = []

    @Option(help: ArgumentHelp("Storage of each Postbreeze account. (default: no limit)", valueName: "bytes"))
    var quota: Int64?

    @Option(
        name: .customLong("rate"),
        help: ArgumentHelp(
            "API calls a key may make in so many seconds, as 60/60; can be repeated. (default: the providers' own limits)",
            valueName: "calls/seconds"
        ),
        transform: { text in
            guard let rate = RateLimit(text) else { throw ValidationError("\(text) is not of the form CALLS/SECONDS") }
            return rate
        }
    )
    var rates: [RateLimit] = []

    @Flag(help: "Answer any number of calls.")
    var noRateLimits = false

    func validate() throws {
        if noRateLimits, !rates.isEmpty { throw ValidationError("--rate and --no-rate-limits contradict each other") }
        if let quota, quota < 0 { throw ValidationError("--quota must not be negative") }
        if keys.contains(where: \.isEmpty) { throw ValidationError("--key must not be empty") }
    }

    /// Puts the options into the settings of a sandbox.
    func apply(to settings: inout SandboxConfiguration) {
        if !keys.isEmpty { settings.keys = Set(keys) }
        settings.owners = Dictionary(owners) { _, last in last }
        settings.quota = quota
        if noRateLimits { settings.removeRateLimits() }
        if !rates.isEmpty {
            settings.postbreezeRates = rates
            settings.connectSafelyRates = rates
        }
    }
}

/// What goes wrong on purpose in `outtray sandbox`.
struct SandboxWeatherOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Wait so long before each answer.", valueName: "seconds"))
    var latency = 0.0

    @Option(help: ArgumentHelp("Answer every n-th upload with 500 or 503, and keep nothing of it.", valueName: "n"))
    var failEvery: Int?

    @Option(help: ArgumentHelp("Answer 429 to every API call after the first n.", valueName: "n"))
    var tooManyRequestsAfter: Int?

    @Option(help: ArgumentHelp("Reset the connection of every n-th upload half-way through its body.", valueName: "n"))
    var resetEvery: Int?

    @Option(
        help: ArgumentHelp(
            "Carry out every n-th API call, but reset the connection instead of answering.",
            valueName: "n"
        )
    )
    var loseCallEvery: Int?

    @Option(
        help: ArgumentHelp("Keep every n-th upload, but reset the connection instead of answering.", valueName: "n")
    )
    var losePutEvery: Int?

    @Option(
        help: ArgumentHelp(
            "Let upload URLs expire after so many whole seconds; 0 hands out expired ones. (default: 900)",
            valueName: "seconds"
        )
    )
    var expireAfter: Int?

    @Option(
        help: ArgumentHelp("Let images at Postbreeze be PENDING, then PROCESSING, for so long.", valueName: "seconds")
    )
    var normaliseFor = 0.0

    @Option(help: ArgumentHelp("Let documents at ConnectSafely be PROCESSING for so long.", valueName: "seconds"))
    var processDocumentsFor = 0.0

    func validate() throws {
        for seconds in [latency, normaliseFor, processDocumentsFor, Double(expireAfter ?? 0)]
        where !(0..<1e9).contains(seconds) {
            throw ValidationError("\(seconds) is no number of seconds to wait for")
        }
        for count in [failEvery, resetEvery, loseCallEvery, losePutEvery].compactMap(\.self) where count < 1 {
            throw ValidationError("every \(count)-th makes no sense; the least is 1")
        }
        if let calls = tooManyRequestsAfter, calls < 0 { throw ValidationError("\(calls) is no number of calls") }
    }

    /// Puts the options into the weather of a sandbox.
    func apply(to weather: inout Weather) {
        weather.latency = .seconds(latency)
        weather.failEveryNthPut = failEvery
        weather.tooManyRequestsAfter = tooManyRequestsAfter
        weather.resetMidBodyEveryNthPut = resetEvery
        weather.loseAnswerEveryNthCall = loseCallEvery
        weather.loseAnswerEveryNthPut = losePutEvery
        weather.urlLifetime = expireAfter.map { .seconds($0) }
        weather.normaliseImagesFor = .seconds(normaliseFor)
        weather.documentsProcessFor = .seconds(processDocumentsFor)
    }
}
