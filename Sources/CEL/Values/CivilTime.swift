/// A day of the proleptic Gregorian calendar.
struct CivilDate: Sendable, Hashable {
    let year: Int64
    /// 1 to 12.
    let month: Int64
    /// 1 to 31.
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Days from 1970-01-01 to a date. Years are counted from March here, so that the leap day comes last in them,
    /// in cycles of 400 years, after which the calendar repeats.
    init(daysSinceEpoch days: Int64) {
        let shifted = days + Self.daysFromMarchOfYearZero
        let cycle = shifted.flooredQuotient(by: Self.daysInCycle)
        let dayOfCycle = shifted - cycle * Self.daysInCycle
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // From March on, five months have 153 days.
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let cycle = shiftedYear.flooredQuotient(by: 400)
        let yearOfCycle = shiftedYear - cycle * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        return cycle * Self.daysInCycle + dayOfCycle - Self.daysFromMarchOfYearZero
    }

    /// 0 on the first of January.
    var dayOfYear: Int64 {
        daysSinceEpoch - CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
    }

    private static let daysInCycle: Int64 = 146_097
    private static let daysFromMarchOfYearZero: Int64 = 719_468

    static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// An instant as a calendar and a clock show it, so many seconds east of UTC.
struct CivilTime: Sendable {
    let date: CivilDate
    let hour: Int64
    let minute: Int64
    let second: Int64
    let nanosecond: Int64
    /// 0 on Sundays.
    let dayOfWeek: Int64

    init(_ instant: Instant, offset: Int64) {
        let seconds = instant.seconds + offset
        let days = seconds.flooredQuotient(by: 86_400)
        let rest = seconds - days * 86_400
        date = CivilDate(daysSinceEpoch: days)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
        nanosecond = Int64(instant.nanoseconds)
        // 1970-01-01 was a Thursday.
        dayOfWeek = days + 4 - (days + 4).flooredQuotient(by: 7) * 7
    }
}
