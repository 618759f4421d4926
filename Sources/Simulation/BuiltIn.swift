// The scenarios that policies are compared in by name. The form is that of a person's file.

extension Scenario {
    /// The built-in ones, in order.
    package static let builtIn: [Scenario] = (try? read(builtInText)) ?? []

    /// What a person may begin a file with.
    package static let builtInText = """
        [S1]
        title = servers of 8, 4, 2 and 2 cores, nothing happens
        utilisation = 70%

        [S2]
        title = work of very different size
        utilisation = 80%
        service = lognormal 20ms 1.5

        [S2b]
        title = a few requests of enormous size
        utilisation = 70%
        service = pareto 20ms 1.5

        [S3]
        title = bursts
        utilisation = 70%
        arrivals = bursts 1.6 1s 2s

        [S4]
        title = 3 of 16 servers lose half their speed
        fault = slow 0-2 100s 160s 50%

        [S5]
        title = the same, slowly
        fault = ramp 0-2 100s 160s 50%

        [S6]
        title = a large server restarts, and is cold
        fault = restart 0 100s 110s 40s

        [S7]
        title = a large server answers all with errors, at once
        fault = fail 0 100s 160s 100%

        [S7b]
        title = the same with every other request
        fault = fail 0 100s 160s 50%

        [S8]
        title = every server stops for 0.3 s now and then
        utilisation = 70%
        fault = pauses 0-15 0s 220s 10s 300ms

        [S9]
        title = long connections, 3 of 16 servers lose half their speed
        utilisation = 70%
        connections = long 30 1s
        fault = slow 0-2 150s 250s 50%
        warmup = 80s
        steady = 90s 150s
        event = 150s 250s
        length = 320s

        [S10]
        title = long connections of clients that differ
        service = lognormal 20ms 1.5
        connections = long 30 1s 2
        warmup = 80s
        steady = 90s 150s
        event = 150s 250s
        length = 320s

        [S11]
        title = near the limit
        utilisation = 92%

        [S12]
        title = S4 with reports that are late, lost and noisy
        reports = every 1s delay 500ms loss 20% noise 15%
        fault = slow 0-2 100s 160s 50%

        [S13]
        title = S4 after all reports have ended
        reports = until 90s
        fault = slow 0-2 100s 160s 50%

        [S14]
        title = the speed is lost where CPU time does not show it
        utilisation = 70%
        reports = blind
        fault = slow 0-2 100s 160s 50%

        [S15]
        title = 64 servers, and much happens
        servers = 64
        utilisation = 80%
        service = lognormal 20ms 1.2
        fault = slow 0 100s 160s 50%
        fault = fail 1 105s 160s 100%
        fault = restart 2 110s 120s 40s
        fault = restart 4 110s 120s 40s
        fault = slow 5 115s 165s 50%

        [S16]
        title = one request for each core, bursts, 3 of 16 servers lose half their speed
        discipline = queue
        arrivals = bursts 1.4 2s 4s
        fault = slow 0-2 100s 160s 50%
        """
}
