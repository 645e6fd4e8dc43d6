# Reference results for stages.csv, an invented survey of people in homes in places in four strata.
# Run in this folder with R 4 and its package survey 4.1: Rscript stages.R > stages.json
suppressMessages(library(survey))
options(warn = -1)

people <- read.csv("stages.csv", na.strings = "")

json <- function(x) {
  if (is.list(x)) {
    inside <- paste0('"', names(x), '": ', sapply(x, json), collapse = ",\n")
    return(paste0("{", inside, "}"))
  }
  numbers <- ifelse(is.finite(x), sprintf("%.17g", x), "null")
  paste0("[", paste(numbers, collapse = ", "), "]")
}
stat <- function(x) list(value = as.numeric(coef(x)), se = as.numeric(SE(x)))
test <- function(x) {
  list(statistic = as.numeric(x$statistic), df = as.numeric(x$parameter), p = as.numeric(x$p.value))
}
model <- function(x) c(stat(x), list(df = x$df.residual))
quantiles <- function(d) as.numeric(t(svyquantile(~y, d, c(.2, .5, .8), na.rm = TRUE)[[1]]))

results <- function(d) {
  linear <- !inherits(d, "svyrep.design")
  group <- subset(d, area == "p")
  m <- svymean(~y, d, na.rm = TRUE, deff = TRUE)
  found <- list(
    weights = as.numeric(weights(d, "sampling")),
    mean = c(stat(m), list(deff = as.numeric(deff(m)))),
    total = stat(svytotal(~y, d, na.rm = TRUE)),
    ratio = stat(svyratio(~y, ~x, d, na.rm = TRUE)),
    groups = stat(svyby(~y, ~area, d, svymean, na.rm = TRUE)),
    share = stat(svymean(~yes, d, na.rm = TRUE)),
    xlogit = as.numeric(confint(svyciprop(~yes, d, method = "xlogit", na.rm = TRUE))),
    beta = as.numeric(confint(svyciprop(~yes, d, method = "beta", na.rm = TRUE))),
    quantiles = quantiles(d),
    freedom = c(degf(d), degf(group)),
    t = test(svyttest(y ~ m1, d)),
    wilcoxon = test(svyranktest(y ~ m1, d)),
    table = test(svychisq(~grade + area, d)),
    wald = test(svychisq(~yes + area, d, statistic = "adjWald")),
    linear = model(svyglm(y ~ x + area, d)),
    logistic = model(svyglm(yes ~ x + m1, d, family = quasibinomial()))
  )
  if (linear) {
    k <- svyranktest(y ~ area, d, test = "KruskalWallis")
    found$kruskal <- list(
      statistic = as.numeric(k$parameter), df = as.numeric(k$ddf), p = as.numeric(k$p.value)
    )
  }
  found
}

staged <- svydesign(
  id = ~psu + home + id, strata = ~stratum, fpc = ~n1 + n2 + n3, weights = ~w, data = people,
  nest = TRUE
)
replaced <- svydesign(id = ~psu, strata = ~stratum, weights = ~w, data = people, nest = TRUE)
halves <- svydesign(id = ~place, strata = ~half, weights = ~w, data = people)
unstratified <- svydesign(id = ~place, weights = ~w, data = people)
m1 <- data.frame(m1 = c("u", "v"), Freq = c(4000, 2500))
m2 <- data.frame(m2 = c("a", "b", "c"), Freq = c(2000, 2400, 2100))
tight <- list(maxit = 500, epsilon = 1e-13)
brr <- svrepdesign(
  data = people, repweights = people[, paste0("b", 1:12)], weights = ~w, type = "BRR",
  combined.weights = FALSE
)
given <- people[, paste0("b", 1:12)] * people$w
designs <- list(
  staged = staged,
  replaced = replaced,
  unstratified = unstratified,
  raked = rake(replaced, list(~m1, ~m2), list(m1, m2), tight),
  poststratified = postStratify(staged, ~m2, m2),
  calibrated = calibrate(replaced, ~ m1 + x, c(`(Intercept)` = 6500, m1v = 2500, x = 85000)),
  jackknife1 = as.svrepdesign(unstratified),
  jackknifen = as.svrepdesign(replaced),
  brr = brr,
  bootstrap_mse = svrepdesign(
    data = people, repweights = given, weights = ~w, type = "bootstrap", mse = TRUE
  ),
  raked_jackknife = rake(
    as.svrepdesign(replaced, compress = FALSE), list(~m1, ~m2), list(m1, m2), tight
  )
)
found <- lapply(designs, results)
found$fay_total <- stat(svytotal(~x, as.svrepdesign(halves, type = "Fay", fay.rho = 0.3)))
found$brr_total <- stat(svytotal(~x, as.svrepdesign(halves, type = "BRR")))
cat(json(found), "\n")
