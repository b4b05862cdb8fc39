from __future__ import annotations

from django.urls import include, path

from rewards.views import absence, aid_desk, annulling, catalogue, desk, giving, statements, vouchers

rewards_patterns = [
    path("rewards/", catalogue.reward_list, name="list"),
    path("rewards/give/", giving.give, name="give"),
    path("rewards/wishes/", giving.wishes, name="wishes"),
    path("rewards/<slug:code>/", catalogue.reward_detail, name="detail"),
    path("rewards/<slug:code>/redeem/", catalogue.redeem, name="redeem"),
    path("rewards/<slug:code>/queue/", catalogue.queue, name="queue"),
    path("me/vouchers/", vouchers.voucher_list, name="vouchers"),
    path("me/vouchers/<slug:code>/", vouchers.voucher, name="voucher"),
    path("me/vouchers/<slug:code>/cancel/", vouchers.cancel, name="cancel"),
    path("me/vouchers/<slug:code>/move/", vouchers.move, name="move"),
    path("me/vouchers/<slug:code>/answer/", vouchers.answer, name="answer"),
]
desk_patterns = [
    path("", desk.home, name="home"),
    path("scan/", desk.scan, name="scan"),
    path("fulfil/", desk.fulfil, name="fulfil"),
    path("done/<int:pk>/", desk.done, name="done"),
    path("annul/<int:pk>/", annulling.annul, name="annul"),
    path("cancel/<int:pk>/", desk.cancel, name="cancel"),
    path("aid/", aid_desk.fulfil, name="aid"),
    path("aid/done/<int:pk>/", aid_desk.done, name="aid_done"),
    path("absent/", absence.absent, name="absent"),
    path("statement/<slug:provider>/<str:month>/", statements.statement, name="statement"),
    path("statement/<slug:provider>/<str:month>/export.csv", statements.statement_csv, name="statement_csv"),
    path(
        "statement/<slug:provider>/<str:month>/export.xlsx", statements.statement_xlsx, name="statement_xlsx"
    ),
    path("statement/<slug:provider>/<str:month>/export.pdf", statements.statement_pdf, name="statement_pdf"),
    path("statement/<slug:provider>/<str:month>/settle/", statements.settle, name="settle"),
]
urlpatterns = [
    path("", include((rewards_patterns, "rewards"))),
    path("desk/", include((desk_patterns, "desk"))),
]
