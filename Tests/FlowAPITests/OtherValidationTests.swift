import FlowAPI
import KubeCore
import Testing

@Suite("Validation of Engines")
struct EngineValidationTests {
    @Test("An empty Engine is a good one")
    func empty() {
        #expect(EngineSpec().validate() == [])
    }

    @Test("Each data binding has a name of its own and exactly one source")
    func data() {
        func problems(_ data: DataBinding...) -> [String] {
            EngineSpec(data: data).validate().map(\.description)
        }
        let lake = DataBinding(name: "lake", emptyDir: EmptyDirSource())
        #expect(problems(lake) == [])
        #expect(problems(lake, lake) == ["spec.data[1].name: 'lake' is bound twice; rename one of the two"])
        #expect(problems(DataBinding(name: "x")).count == 1)
        #expect(
            problems(
                DataBinding(name: "x", configMap: ConfigMapSource(name: "c"), secret: SecretSource(secretName: "s"))
            ) == [
                "spec.data[0]: must have exactly one source; "
                    + "give one of persistentVolumeClaim, configMap, secret and emptyDir"
            ])
    }

    @Test("Defaults are checked as tasks are, and know no parameters")
    func defaults() {
        func problems(_ defaults: EngineDefaults) -> [String] {
            EngineSpec(defaults: defaults).validate().map(\.field)
        }
        #expect(problems(EngineDefaults(timeout: "1")) == ["spec.defaults.timeout"])
        #expect(problems(EngineDefaults(retry: RetryPolicy(limit: 1000))) == ["spec.defaults.retry.limit"])
        #expect(problems(EngineDefaults(env: [EnvVar(name: "A", value: "${{ run.name }}")])) == [])
        #expect(
            problems(EngineDefaults(env: [EnvVar(name: "A", value: "${{ params.x }}")])) == [
                "spec.defaults.env[0].value"
            ])
    }
}

@Suite("Validation of JobRuns")
struct JobRunValidationTests {
    let job = JobSpec(
        engine: "e",
        params: [
            ParamSpec(name: "date", value: "2026-01-01"),
            ParamSpec(name: "region", description: "Where", enum: ["eu", "us"]),
        ], tasks: [TaskSpec(name: "t", script: "x")])

    private func problems(_ params: [String: JSON]) -> [String] {
        JobRunSpec(job: "j", params: params).validate(against: job).map(\.description)
    }

    @Test("A run gives the parameters without a value, and may give others")
    func good() {
        #expect(problems(["region": "eu"]) == [])
        #expect(problems(["region": "us", "date": 3]) == [])
    }

    @Test("An unknown parameter gets the nearest name")
    func unknown() {
        #expect(
            problems(["region": "eu", "dat": "x"])
                == ["spec.params.dat: the Job 'j' has no parameter 'dat'; did you mean 'date'?"])
    }

    @Test("A missing parameter is named with its description; null counts as missing")
    func missing() {
        let problem = "spec.params.region: is missing and has no default value; give it a value: Where"
        #expect(problems([:]) == [problem])
        #expect(problems(["region": nil]) == [problem])
    }

    @Test("A value outside of enum is told with the choices")
    func choices() {
        #expect(
            problems(["region": "asia"])
                == ["spec.params.region: \"asia\" is not among the values allowed; choose one of [\"eu\",\"us\"]"])
    }

    @Test("The parameters of a run are its own over the Job's")
    func merged() {
        #expect(job.parameters(given: ["region": "eu", "unknown": 1]) == ["date": "2026-01-01", "region": "eu"])
        #expect(job.parameters(given: ["date": nil, "region": "us"]) == ["date": "2026-01-01", "region": "us"])
    }

    @Test("A text on the command line becomes what the parameter's own values are")
    func fromText() {
        #expect(ParamSpec(name: "p").value(fromText: "8") == "8")
        #expect(ParamSpec(name: "p", value: "x").value(fromText: "8") == "8")
        #expect(ParamSpec(name: "p", value: 1).value(fromText: "8") == 8)
        #expect(ParamSpec(name: "p", value: ["a"]).value(fromText: #"["b"]"#) == ["b"])
        #expect(ParamSpec(name: "p", enum: [1, 2]).value(fromText: "2") == 2)
        #expect(ParamSpec(name: "p", value: 1).value(fromText: "eight") == "eight")
    }
}

@Suite("Did you mean")
struct DidYouMeanTests {
    @Test("The validation of runs suggests only what is near")
    func near() {
        let job = JobSpec(
            engine: "e", params: [ParamSpec(name: "alpha", value: 1), ParamSpec(name: "beta", value: 1)],
            tasks: [TaskSpec(name: "t", script: "x")])
        func suggestion(_ name: String) -> String? {
            JobRunSpec(job: "j", params: [name: 1]).validate(against: job).first?.suggestion
        }
        #expect(suggestion("alhpa") == "did you mean 'alpha'?")
        #expect(suggestion("ALPHA") == "did you mean 'alpha'?")
        #expect(suggestion("bet") == "did you mean 'beta'?")
        #expect(suggestion("gamma") == "known are: alpha, beta")
    }
}
