import Testing

@testable import Providers

struct URLTextTests {
    @Test func `queries, fragments, names and passwords are left out`() {
        #expect(URLText.withoutQuery("https://h/p?q=1") == "https://h/p")
        #expect(URLText.withoutQuery("https://u:p@h:1/p#f") == "https://h:1/p")
        #expect(URLText.withoutQuery("https://h/p@2") == "https://h/p@2")
    }

    @Test func `hosts keep their port`() {
        #expect(URLText.host("https://u@h.example:8443/p?q") == "h.example:8443")
        #expect(URLText.host("https://h.example?q=secret") == "h.example")
        #expect(URLText.host("nonsense?secret") == "nonsense")
    }

    @Test func `all URLs of a text are cut`() {
        let text = "from 'https://a/b?s=1' to (http://c?d) and ftp://x/y?z end"

        #expect(URLText.withoutQueries(text) == "from 'https://a/b' to (http://c) and ftp://x/y end")
        #expect(URLText.withoutQueries("no url? none") == "no url? none")
        #expect(URLText.withoutQueries("Cannot PUT /a/b?X-Amz-Signature=1&c=2 <p> why?") == "Cannot PUT /a/b <p> why?")
        #expect(URLText.withoutQueries("/a?b=1 https://h/p?q=1 '/c?d=2'") == "/a https://h/p '/c'")
    }

    @Test func `only http and https can be sent to`() {
        #expect(URLText.isAbsolute("https://h/p"))
        #expect(URLText.isAbsolute("HTTP://h"))
        #expect(!URLText.isAbsolute("/p"))
        #expect(!URLText.isAbsolute("file:///etc/passwd"))
        #expect(!URLText.isAbsolute("https://"))
    }

    @Test func `values of a query are encoded`() {
        #expect(URLText.encoded("urn:li:a/b c&é~") == "urn%3Ali%3Aa%2Fb%20c%26%C3%A9~")
        #expect(URLText.encoded("\n") == "%0A")
    }
}

struct SecretTests {
    @Test func `a secret never prints itself`() {
        let secret = Secret("pb_live_key")
        var dumped = ""
        var keys = MemoryKeys()
        for kind in ProviderKind.allCases {
            dump(kind.settings.init(ConnectionSettings(baseURL: "https://h", key: secret), from: &keys), to: &dumped)
        }

        for text in [
            "\(secret)", String(reflecting: secret), dumped, "\(ConnectionSettings(baseURL: "", key: secret))",
        ] {
            #expect(!text.contains("pb_live"))
            #expect(text.contains("••••"))
        }
    }

    @Test func `a secret is taken out of a text`() {
        #expect(Secret("key1").removed(from: "Invalid key key1") == "Invalid key ••••")
        #expect(Secret("key1").removed(from: "key1key1 key key11") == "•••••••• key ••••1")
        #expect(Secret("").removed(from: "abc") == "abc")
        #expect(Secret("key1").removed(from: "kkey1") == "k••••")
    }

    @Test(arguments: [
        #"{"message":"no such key: a/b+c=\"&"}"#, #"{"message":"a\/b\u002bc\u003D\""}"#, "q=a%2Fb%2bc%3D%22",
        "<p>a&#47;b&#x2B;c&#61;&quot;</p>", "a/b+c=&quot;", #"\u0061\u002Fb+c=""#,
    ])
    func `a secret is taken out in whatever spelling a server quotes it`(_ text: String) throws {
        let secret = Secret(#"a/b+c=""#)
        let removed = try #require(secret.removed(from: Array(text.utf8)))
        #expect(String(decoding: removed, as: UTF8.self).contains("••••"))
        #expect(!String(decoding: removed, as: UTF8.self).contains("b"), "\(String(decoding: removed, as: UTF8.self))")
    }

    @Test(arguments: ["a/b+c", #"a\u00"#, "a%2", "a&#4", "a&;", "%", "&", "\\", #"a/b+c=\"#, #"\uzz61/b+c=""#])
    func `what is no whole secret stays as it is`(_ text: String) {
        #expect(Secret(#"a/b+c=""#).removed(from: Array(text.utf8)) == nil)
    }
}
